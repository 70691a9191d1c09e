import Coordination
import Learning
import Wire

/// A session of one worker with a server core, without a socket between them.
struct CoreSession {
  private var core: ServerCore
  private let gradient: PiecewiseVector
  private let limits = WireLimits()
  private let peer = PeerID([1])
  private var number: UInt32 = 0
  private var received: UInt32 = 0
  private var transfers: UInt32 = 0
  private var lease: Lease?

  /// Creates a session whose results all contain `gradient`.
  init(core: ServerCore, gradient: PiecewiseVector) {
    self.core = core
    self.gradient = gradient
  }

  /// Joins the server and receives the first lease.
  mutating func begin(dataset: DatasetDescription) {
    let hello = Hello(name: "session", incarnation: 1, dataset: dataset.fingerprint)
    for message in [Message.hello(hello), .ready] {
      number += 1
      _ = handle(NumberedMessage(message, number: number))
    }
  }

  /// Pushes `times` results and returns the mean times of decoding, of the core and of encoding
  /// the answer, in microseconds.
  mutating func push(times: Int) throws -> [Double] {
    var parts = [0.0, 0.0, 0.0]
    for _ in 0..<times {
      guard let push = nextPush() else { break }
      var messages: [NumberedMessage] = []
      parts[0] += try Measure.seconds {
        messages = try push.map { try NumberedMessage(frames: $0, limits: limits) }
      }
      var effects: [ServerCore.Effect] = []
      parts[1] += Measure.seconds { for message in messages { effects += handle(message) } }
      parts[2] += Measure.seconds {
        for case .send(let answer, _) in effects { _ = answer.encoded() }
      }
    }
    return parts.map { $0 / Double(times) * 1e6 }
  }

  /// The messages of a push that fulfills the current lease, as frames.
  private mutating func nextPush() -> [[[UInt8]]]? {
    guard let lease, case .train = lease.work else { return nil }
    let result = lease.standInResult(plan: core.plan, gradient: gradient)
    let pieces = result.contributions.enumerated().flatMap { index, part in
      part.values.pieces.enumerated().map { piece, values in
        Message.piece(
          Piece(transfer: transfers + UInt32(index) + 1, index: UInt32(piece), values: values))
      }
    }
    transfers += UInt32(result.contributions.count)
    return ([.push(Push(result))] + pieces).map { message in
      number += 1
      return message.encoded(number: number, acknowledged: received)
    }
  }

  private mutating func handle(_ message: NumberedMessage) -> [ServerCore.Effect] {
    var effects: [ServerCore.Effect] = []
    core.handle(.received(message, from: peer), at: Moment(nanoseconds: 0), effects: &effects)
    for case .send(let answer, _) in effects {
      received = answer.number
      if case .grant(let grant) = answer.message, let lease = grant.leases.first {
        self.lease = lease
      }
    }
    return effects
  }
}
