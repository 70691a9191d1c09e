import Coordination
import Learning
import Numerics
import Wire

/// What one push costs the thread of a server, its socket left out, in microseconds.
struct ServerCost: Encodable {
  /// Reading the message and checking its checksums.
  private(set) var decode = 0.0
  /// All that the core does: the checks, the update, and the new weights as a message.
  private(set) var handle = 0.0
  /// Putting the answer's header together.
  private(set) var answer = 0.0
  /// Of the core's time: gradient's norm, clipping and Adam.
  private(set) var update = 0.0
  /// Of the core's time: encoding the new weights.
  private(set) var encode = 0.0

  private static let rounds = 15
  private static let pushes = 100

  /// Measures a core by one worker's messages.
  ///
  /// - Throws: ``WireError``, if a message of our own were not well formed.
  init(core: ServerCore, dataset: DatasetDescription, gradient: EncodedTensor) throws {
    var session = Session(core: core, gradient: gradient)
    session.begin(dataset: dataset)
    var parts: [[Double]] = [[], [], []]
    for _ in 0..<Self.rounds {
      let round = try session.push(times: Self.pushes)
      for index in parts.indices { parts[index].append(round[index]) }
    }
    let medians = parts.map(Measuring.median)
    (decode, handle, answer) = (medians[0], medians[1], medians[2])
    try measureParts(of: core, gradient: gradient)
  }

  private mutating func measureParts(of core: ServerCore, gradient: EncodedTensor) throws {
    var optimizer = core.optimizer
    let values = try gradient.floats()
    update = Self.microseconds {
      _ = optimizer.apply(contribution: values, learningRate: 1e-6, clip: .norm(1))
    }
    encode = Self.microseconds {
      _ = EncodedTensor(float32: optimizer.weights, shape: [optimizer.weights.count])
    }
  }

  private static func microseconds(_ work: () -> Void) -> Double {
    Measuring.median(
      (0..<rounds).map { _ in
        Measuring.seconds { for _ in 0..<pushes { work() } } / Double(pushes) * 1e6
      })
  }

  /// The parts for people.
  var table: String {
    var table = TextTable("one push, without the socket", "us")
    for (name, value) in [
      ("decode", decode), ("core", handle), ("  of it clip and Adam", update),
      ("  of it the weights encoded", encode), ("answer", answer),
      ("in all", decode + handle + answer),
    ] {
      table.add(name, Measuring.text(value))
    }
    return table.text
  }
}

/// One worker's session with a core, without a socket between them.
private struct Session {
  private var core: ServerCore
  private let gradient: EncodedTensor
  private let limits: WireLimits
  private let peer = PeerID([1])
  private var number: UInt32 = 0
  private var lease: Lease?

  init(core: ServerCore, gradient: EncodedTensor) {
    self.core = core
    self.gradient = gradient
    limits = .model(elements: gradient.count, slices: core.plan.slices)
  }

  mutating func begin(dataset: DatasetDescription) {
    let hello = Hello(name: "session", incarnation: 1, dataset: dataset.fingerprint)
    for message in [Message.hello(hello), .ready] {
      number += 1
      _ = hear(NumberedMessage(message, number: number))
    }
  }

  /// The mean times of decoding, of the core and of the answer, in microseconds.
  mutating func push(times: Int) throws -> [Double] {
    var parts = [0.0, 0.0, 0.0]
    for _ in 0..<times {
      guard let frames = nextPush() else { break }
      var message: NumberedMessage?
      parts[0] += try Measuring.seconds {
        message = try NumberedMessage(frames: frames, limits: limits)
      }
      guard let message else { break }
      var effects: [ServerCore.Effect] = []
      parts[1] += Measuring.seconds { effects = hear(message) }
      parts[2] += Measuring.seconds {
        for case .send(let answer, _) in effects { _ = answer.encoded() }
      }
    }
    return parts.map { $0 / Double(times) * 1e6 }
  }

  /// A push of the lease in hand, as it comes from a socket.
  private mutating func nextPush() -> [[UInt8]]? {
    guard let lease, case .train(let batch, let slices) = lease.work else { return nil }
    let sums = slices.map { slice in
      let count = UInt64(core.plan.positions(batch: batch, slice: Int(slice)).count)
      return SampleSums(lossSum: Double(count), correct: 0, count: count)
    }
    let result = LeaseResult(
      id: lease.id, version: lease.version, sums: sums,
      contributions: [Contribution(slices: slices, values: gradient)])
    number += 1
    return Message.push(Push(result: result)).encoded(number: number)
  }

  private mutating func hear(_ message: NumberedMessage) -> [ServerCore.Effect] {
    var effects: [ServerCore.Effect] = []
    core.handle(.received(message, from: peer), at: Moment(nanoseconds: 0), effects: &effects)
    for case .send(let answer, _) in effects {
      if case .grant(let grant) = answer.message, let lease = grant.leases.first {
        self.lease = lease
      }
    }
    return effects
  }
}
