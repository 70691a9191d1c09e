import Coordination
import Wire

/// A worker's process as far as its core can tell: a socket, and a thread that computes.
struct SimulatedWorker {
  /// What the computing thread is asked to do, in order.
  enum Job {
    case prepare
    case load(LoadedWeights)
    case compute(Lease)
  }

  /// A lease that is being computed.
  struct Computation {
    let lease: Lease
    let weights: LoadedWeights
    let start: Microseconds
    /// Nil for one that hangs.
    let end: Microseconds?
  }

  /// What a lease takes at most, however slow the worker is.
  private static let longestLease = Microseconds.seconds(8)

  let name: String
  /// Nil while no process runs.
  var core: WorkerCore?
  /// The number of processes that were started, which tells old events from new ones.
  var life = 0
  var clock: ProcessClock
  var frozenUntil: Microseconds = 0

  /// The number of sockets that this life has made.
  var socket = 0
  /// The connection that the socket has; it makes a new one by itself when it loses one.
  var connection: Int?
  /// What was sent while there was no connection.
  var backlog: [NumberedMessage] = []

  var jobs: [Job] = []
  var computation: Computation?
  private var weights: LoadedWeights?
  private var steps: UInt64 = 0

  let leaseTime: Microseconds
  var slowness = (factor: 1, until: 0)
  var isAboutToHang = false
  /// Results to come that name other weights than those they were computed with.
  var lies = 0

  init(name: String, leaseTime: Microseconds, clock: ProcessClock) {
    self.name = name
    self.leaseTime = leaseTime
    self.clock = clock
  }

  /// A new process begins, on the same host.
  mutating func start(_ core: WorkerCore) {
    self.core = core
    life += 1
    socket = 0
    connection = nil
    backlog = []
    jobs = []
    computation = nil
    weights = nil
    steps = 0
    isAboutToHang = false
    lies = 0
  }

  /// Does what takes no time, and begins to compute the next lease.
  ///
  /// - Returns: when the computation that has begun will be done, if one has and does not hang.
  /// - Throws: ``NoWeights`` if a lease comes before any weights.
  mutating func work(at now: Microseconds) throws(NoWeights) -> Microseconds? {
    while computation == nil, !jobs.isEmpty {
      switch jobs.removeFirst() {
      case .prepare: weights = nil
      case .load(let loaded): weights = loaded
      case .compute(let lease):
        guard let weights else { throw NoWeights() }
        let factor = now < slowness.until ? slowness.factor : 1
        let end = isAboutToHang ? nil : now + min(leaseTime * factor, Self.longestLease)
        isAboutToHang = false
        computation = Computation(lease: lease, weights: weights, start: now, end: end)
        return end
      }
    }
    return nil
  }

  /// The computation is done.
  mutating func finishComputation() -> Computation? {
    defer { computation = nil }
    steps += 28
    return computation
  }

  /// The number of time steps that were computed: it stands still while a computation hangs.
  func progress(at now: Microseconds) -> UInt64 {
    guard let computation, let end = computation.end else { return steps }
    let (passed, all) = (now - computation.start, max(end - computation.start, 1))
    return steps + UInt64(min(max(28 * passed / all, 0), 28))
  }
}

/// A lease came before any weights.
struct NoWeights: Error {}
