import Coordination
import Wire

/// State of a worker's process outside of its core: a socket and a compute thread.
struct SimulatedWorker {
  /// A job for the compute thread.
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
    /// Nil for a computation that hangs.
    let end: Microseconds?
    /// Whether a computation that hangs reports progress.
    var isBusy = false
  }

  /// The maximum time per lease, even for a slowed-down worker.
  private static let longestLease = Microseconds.seconds(8)

  let name: String
  /// The core; nil while no process is running.
  var core: WorkerCore?
  /// The number of processes started so far, which identifies outdated events.
  var incarnation = 0
  var clock: ProcessClock
  var frozenUntil: Microseconds = 0

  /// The number of sockets created by this incarnation.
  var socket = 0
  /// The connection of the socket, which reconnects automatically.
  var connection: Int?
  /// Messages that the socket has not accepted: it was not connected, or its queue was full.
  var backlog: [NumberedMessage] = []

  var jobs: [Job] = []
  var computation: Computation?
  private var weights: LoadedWeights?
  private var steps: UInt64 = 0

  let leaseTime: Microseconds
  var slowness = (factor: 1, until: 0)
  var hangsNext = false, hangsBusily = false
  /// The number of upcoming results that are wrong, and whether they contain NaN; otherwise they
  /// state a wrong version of the weights.
  var wrongResults = 0, isSpoiling = false
  /// The number of upcoming gradients with a wrong bit.
  var wrongGradients = 0
  /// Whether this incarnation has sent a wrong result, and one with NaN.
  var isFaulty = false, hasSpoiled = false
  /// Whether any incarnation has sent a wrong result.
  var wasEverFaulty = false

  /// Whether the worker has a session.
  var isServing = false
  /// The time of the last fault that affected the worker, its link or the server.
  var disturbed: Microseconds = 0

  init(name: String, leaseTime: Microseconds, clock: ProcessClock) {
    self.name = name
    self.leaseTime = leaseTime
    self.clock = clock
  }

  /// Starts a new process on the same host.
  mutating func start(_ core: WorkerCore) {
    self.core = core
    incarnation += 1
    socket = 0
    connection = nil
    backlog = []
    jobs = []
    computation = nil
    weights = nil
    steps = 0
    hangsNext = false
    (wrongResults, wrongGradients) = (0, 0)
    (isFaulty, hasSpoiled) = (false, false)
    isServing = false
  }

  /// Executes jobs that take no time, and starts to compute the next lease.
  ///
  /// - Returns: The end of the computation that was started, unless it hangs; otherwise nil.
  /// - Throws: ``MissingWeights`` if there are no weights for a lease.
  mutating func work(at now: Microseconds) throws(MissingWeights) -> Microseconds? {
    while computation == nil, !jobs.isEmpty {
      switch jobs.removeFirst() {
      case .prepare: weights = nil
      case .load(let loaded): weights = loaded
      case .compute(let lease):
        guard let weights else { throw MissingWeights() }
        let factor = now < slowness.until ? slowness.factor : 1
        let end = hangsNext ? nil : now + min(leaseTime * factor, Self.longestLease)
        hangsNext = false
        computation = Computation(
          lease: lease, weights: weights, start: now, end: end, isBusy: end == nil && hangsBusily)
        return end
      }
    }
    return nil
  }

  /// Whether the current computation hangs.
  var isHanging: Bool { computation.map { $0.end == nil } ?? false }

  /// Ends the current computation and returns it.
  mutating func finishComputation() -> Computation? {
    defer { computation = nil }
    steps += 28
    return computation
  }

  /// Returns the number of computed time steps, which does not increase while a computation hangs,
  /// unless it is busy.
  func progress(at now: Microseconds) -> UInt64 {
    guard let computation else { return steps }
    guard let end = computation.end else {
      return computation.isBusy ? steps + UInt64(max(now - computation.start, 0) / 1000) : steps
    }
    let (passed, all) = (now - computation.start, max(end - computation.start, 1))
    return steps + UInt64(min(max(28 * passed / all, 0), 28))
  }
}

/// Error for a lease without weights.
struct MissingWeights: Error {}
