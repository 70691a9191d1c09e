import Coordination
import Learning
import Wire

/// A session of one worker with a server core, without a socket between them.
struct CoreSession {
  private var core: ServerCore
  private let gradient: EncodedTensor
  private let limits: WireLimits
  private let peer = PeerID([1])
  private var number: UInt32 = 0
  private var lease: Lease?

  /// Creates a session whose results all contain `gradient`.
  init(core: ServerCore, gradient: EncodedTensor) {
    self.core = core
    self.gradient = gradient
    limits = .model(elements: gradient.count, slices: core.plan.slices)
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
      guard let frames = nextPush() else { break }
      var message: NumberedMessage?
      parts[0] += try Measure.seconds {
        message = try NumberedMessage(frames: frames, limits: limits)
      }
      guard let message else { break }
      var effects: [ServerCore.Effect] = []
      parts[1] += Measure.seconds { effects = handle(message) }
      parts[2] += Measure.seconds {
        for case .send(let answer, _) in effects { _ = answer.encoded() }
      }
    }
    return parts.map { $0 / Double(times) * 1e6 }
  }

  /// The frames of a push that fulfills the current lease.
  private mutating func nextPush() -> [[UInt8]]? {
    guard let lease, case .train = lease.work else { return nil }
    let result = lease.standInResult(plan: core.plan, gradient: gradient)
    number += 1
    return Message.push(Push(result: result)).encoded(number: number)
  }

  private mutating func handle(_ message: NumberedMessage) -> [ServerCore.Effect] {
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
