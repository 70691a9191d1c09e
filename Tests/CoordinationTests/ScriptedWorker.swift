import Coordination
import Learning
import Numerics
import Wire

/// A real worker inside the test process: the core, the computer, and the queues that connect the
/// two threads of a worker process.
struct ScriptedWorker {
  private enum Job {
    case prepare(Welcome)
    case load(PiecewiseVector, version: UInt64)
    case compute(Lease)
  }

  let name: String
  private let number: UInt8
  private let data: TinyData
  private(set) var core: WorkerCore
  private var computer: LeaseComputer<TinyData>?
  private var jobs: [Job] = []
  private var computed: LeaseResult?
  private var connections: UInt8 = 0

  /// Messages in transit to the server, each with the connection it was sent on.
  var outgoing: [(from: PeerID, message: NumberedMessage)] = []
  /// Messages in transit to this worker.
  var incoming: [NumberedMessage] = []
  /// Replaces a result before it is sent; by default sends the result unchanged.
  var tamper: (LeaseResult) -> [LeaseResult] = { [$0] }
  /// The first gradient of each result that was pushed.
  private(set) var gradients: [LeaseID: [Float]] = [:]
  /// The weights of each lease that was computed.
  private(set) var weights: [LeaseID: [Float]] = [:]
  private var loaded: [Float] = []
  /// Whether the worker was killed: it performs no action and sends no farewell.
  var isKilled = false
  private(set) var ending: WorkerCore.Ending?

  init(name: String, number: Int, data: TinyData, timing: Timing, at now: Moment) {
    self.name = name
    self.number = UInt8(number)
    self.data = data
    let hello = Hello(
      name: name, incarnation: UInt64(number) + 1, dataset: TinyData.fingerprint)
    var effects: [WorkerCore.Effect] = []
    core = WorkerCore(hello: hello, timing: timing, at: now, effects: &effects)
    perform(effects)
  }

  /// The current connection.
  var peer: PeerID { PeerID([number, connections]) }
  var isActive: Bool { !isKilled && ending == nil }
  /// Whether a message to or from this worker is in transit.
  var hasTraffic: Bool { !outgoing.isEmpty || !incoming.isEmpty }
  /// Whether a pushed result, or a part of one, is in transit.
  var hasResultInFlight: Bool {
    outgoing.contains {
      switch $0.message.message {
      case .push, .piece: true
      default: false
      }
    }
  }
  /// Whether a lease is queued for computation, or a result has not been sent yet.
  var isBusy: Bool {
    computed != nil || jobs.contains { if case .compute = $0 { true } else { false } }
  }

  /// Whether the computing thread has a job.
  var canCompute: Bool { isActive && computed == nil && !jobs.isEmpty }
  /// Whether a result is ready for the socket thread.
  var canSubmit: Bool { isActive && computed != nil }

  mutating func handle(_ event: WorkerCore.Event, at now: Moment) {
    guard isActive else { return }
    var effects: [WorkerCore.Effect] = []
    core.handle(event, at: now, effects: &effects)
    perform(effects)
  }

  /// Performs the first job, as the computing thread would.
  mutating func compute(at now: Moment) {
    do {
      switch jobs.removeFirst() {
      case .prepare(let welcome):
        let settings = try TrainingSettings(welcome.settings)
        computer = LeaseComputer(
          settings: settings, shape: settings.tinyShape, source: data, kernels: Kernels(),
          transfers: welcome.transfers)
      case .load(let weights, let version):
        try computer?.load(weights, version: version)
        loaded = weights.floats
      case .compute(let lease):
        computed = try computer?.compute(lease)
        weights[lease.id] = loaded
      }
    } catch {
      handle(.failed(reason: "\(error)"), at: now)
    }
  }

  /// Passes the computed result to the core.
  mutating func submit(at now: Moment) {
    guard let result = computed else { return }
    computed = nil
    let results = tamper(result)
    guard let first = results.first else { return }
    gradients[first.id] = first.values
    handle(.computed(first), at: now)
    // Further results repeat the message of the first one, as a faulty network does.
    let push = outgoing.last { if case .push = $0.message.message { true } else { false } }
    guard let push else { return }
    for repeated in results.dropFirst() {
      outgoing.append(
        (peer, NumberedMessage(.push(Push(repeated)), number: push.message.number)))
    }
  }

  private mutating func perform(_ effects: [WorkerCore.Effect]) {
    for effect in effects {
      switch effect {
      case .send(let numbered): outgoing.append((peer, numbered))
      case .reconnect:
        connections += 1
        incoming = []
        jobs = []
      case .prepare(let welcome): jobs.append(.prepare(welcome))
      case .load(let weights, let version): jobs.append(.load(weights, version: version))
      case .compute(let lease): jobs.append(.compute(lease))
      case .finish(let ending): self.ending = ending
      }
    }
  }
}
