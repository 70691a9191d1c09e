import Numerics

/// A fault of a network, or of a machine in it, on one connection.
enum Fault: Hashable, Sendable {
  /// Closes both sides immediately.
  case cut
  /// Forwards the first half of the worker's next bytes, then closes both sides.
  case truncate
  /// Delays the worker's next bytes.
  case delay(milliseconds: Int)
  /// Forwards nothing in either direction with both sides open, then resumes or closes them.
  case stall(milliseconds: Int, thenCut: Bool)
  /// Sends the worker's next complete message twice.
  case duplicate
}

/// The faults of each connection, by the number of bytes that the worker had sent before.
struct FaultPlan: Sendable {
  typealias Faults = [(byte: Int, fault: Fault)]

  /// The faults of a connection, counted from 0, in the order of their bytes.
  let faults: @Sendable (_ connection: Int) -> Faults

  static let none = FaultPlan { _ in [] }

  /// One fault of the first connection, none of the others.
  static func first(_ fault: Fault, at byte: Int) -> FaultPlan {
    FaultPlan { $0 == 0 ? [(byte, fault)] : [] }
  }

  /// One to four faults for each of the first `connections`, within a number of bytes: a pure
  /// function of the seed and the connection's number.
  static func seeded(
    _ seed: UInt64, connections: Int, bytes: UInt32, longestMilliseconds: UInt32 = 500
  ) -> FaultPlan {
    FaultPlan { connection in
      guard connection < connections else { return [] }
      var random = RandomSource(seed: seed, stream: UInt64(connection))
      let faults = (0...random.below(4)).map { _ in
        (byte: Int(random.below(bytes)), fault: Fault(&random, longest: longestMilliseconds))
      }
      return faults.sorted { $0.byte < $1.byte }
    }
  }
}

extension Fault {
  fileprivate init(_ random: inout RandomSource, longest: UInt32) {
    let milliseconds = Int(random.below(longest)) + 1
    switch random.below(6) {
    case 0: self = .cut
    case 1: self = .truncate
    case 2: self = .delay(milliseconds: milliseconds)
    case 3: self = .stall(milliseconds: milliseconds, thenCut: false)
    case 4: self = .stall(milliseconds: milliseconds, thenCut: true)
    default: self = .duplicate
    }
  }
}
