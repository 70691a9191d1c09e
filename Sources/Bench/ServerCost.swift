import Coordination
import Learning
import Numerics
import Wire

/// The cost of one push in the server's thread without its socket, in microseconds.
package struct ServerCost: Encodable {
  /// Time to read the message and verify its checksums.
  package private(set) var decode = 0.0
  /// Time of the core: checks, update, and the new weights as a message.
  package private(set) var handle = 0.0
  /// Time to encode the header of the answer.
  package private(set) var answer = 0.0
  /// Part of the core's time: norm of the gradient, clipping and Adam.
  package private(set) var update = 0.0
  /// Part of the core's time: encoding the new weights.
  package private(set) var encode = 0.0

  private static let rounds = 15
  private static let pushes = 100

  /// Measures `core` with the messages of one worker.
  ///
  /// - Throws: `WireError` if a message of this program is malformed, which is a bug.
  init(core: ServerCore, dataset: DatasetDescription, gradient: PiecewiseVector) throws {
    var session = CoreSession(core: core, gradient: gradient)
    session.begin(dataset: dataset)
    var parts: [[Double]] = [[], [], []]
    for _ in 0..<Self.rounds {
      let round = try session.push(times: Self.pushes)
      for index in parts.indices { parts[index].append(round[index]) }
    }
    let medians = parts.map(Statistics.median)
    (decode, handle, answer) = (medians[0], medians[1], medians[2])
    try measureParts(of: core, gradient: gradient)
  }

  private mutating func measureParts(of core: ServerCore, gradient: PiecewiseVector) throws {
    var optimizer = core.optimizer
    let values = gradient.floats
    update = Self.microseconds {
      _ = optimizer.apply(contribution: values, learningRate: 1e-6, clip: .norm(1))
    }
    encode = Self.microseconds {
      _ = PiecewiseVector(optimizer.weights)
    }
  }

  private static func microseconds(_ work: () -> Void) -> Double {
    Statistics.median(
      (0..<rounds).map { _ in
        Measure.seconds { for _ in 0..<pushes { work() } } / Double(pushes) * 1e6
      })
  }

  /// The parts and their sum as a table.
  package var table: String {
    var table = TextTable("one push, without the socket", "us")
    for (name, value) in [
      ("decode", decode), ("core", handle), ("  of it clip and Adam", update),
      ("  of it the weights encoded", encode), ("answer", answer),
      ("in all", decode + handle + answer),
    ] {
      table.add(name, TextTable.number(value))
    }
    return table.text
  }
}
