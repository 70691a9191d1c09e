import Coordination
import Learning
import Wire

/// A whole training in one thread: the real cores on a virtual clock, in an environment determined
/// by a seed. The same scenario always produces the same sequence of events.
struct SimulatedCluster {
  enum Event {
    case fault(Fault)
    /// The end of all faults.
    case faultsEnd
    case serverStarts
    case serverTick(incarnation: Int, isExtra: Bool)
    case written(incarnation: Int)
    /// The server has computed an audited lease.
    case recomputed(incarnation: Int, LeaseResult)
    case workerStarts(Int)
    case workerTick(Int, incarnation: Int)
    case computed(Int, incarnation: Int)
    case connects(Int, incarnation: Int, socket: Int)
    /// The arrival of a message of a link.
    case arrives(connection: Int, Direction, Int)
    /// The arrival of a second copy of a message.
    case copyArrives(connection: Int, Direction, InFlightMessage)
    /// The detection of a closed connection by the server's socket.
    case closes(connection: Int)
    /// The end of a stranger's connection; further ones end until a given time.
    case strangerCloses(until: Microseconds)
  }

  /// Time limit for the run after the end of the faults, and for the exit of the workers after the
  /// run.
  static let timeLimits = (run: Microseconds.seconds(240), workers: Microseconds.seconds(60))
  /// Interval between the regular ticks of a process.
  static let tickInterval = Microseconds.milliseconds(250)

  let scenario: Scenario
  var now: Microseconds = 0
  var events = EventQueue<Event>()
  var eventCount = 0
  var server: SimulatedServer
  var workers: [SimulatedWorker]
  var connections: [SimulatedConnection] = []
  var network: SimulatedNetwork
  /// The time at which the server's host has transmitted everything, if its bandwidth is limited.
  var serverLinkEnd: Microseconds = 0
  var checker: InvariantChecker
  var log: EventLog
  var random: SplitMix64
  /// Whether the server omits the audit of the scenario, for tests of the rules.
  var auditsNothing = false
  /// Whether a worker that did not send NaN was a member at the end of the server's run.
  var isHonestWorkerDrained = false
  /// The time at which the run completed.
  var completion: Microseconds?

  /// Creates a cluster without running processes.
  init(_ scenario: Scenario, isLogged: Bool = false) throws(Violation) {
    self.scenario = scenario
    var random = SplitMix64(seed: scenario.seed, stream: 2)
    server = SimulatedServer(
      disk: try SimulatedDisk(scenario, random: SplitMix64(seed: scenario.seed, stream: 4)),
      clock: Self.clock(&random))
    workers = scenario.leaseTimes.enumerated().map { index, time in
      SimulatedWorker(name: "worker-\(index)", leaseTime: time, clock: Self.clock(&random))
    }
    network = SimulatedNetwork(
      scenario.conditions, links: scenario.link.links,
      random: SplitMix64(seed: scenario.seed, stream: 3))
    checker = InvariantChecker(scenario)
    log = EventLog(isKept: isLogged)
    self.random = random
  }

  private static func clock(_ random: inout SplitMix64) -> ProcessClock {
    ProcessClock(start: random.within(.seconds(1000) ... .seconds(2000)))
  }

  /// Runs the schedule to its end; returns the first violation of an invariant, or nil.
  mutating func firstViolation() -> Violation? {
    do throws(Violation) {
      try run()
      return nil
    } catch {
      log.append(now, "violation: \(error)")
      return error
    }
  }

  /// Runs until the run is complete and all processes have exited.
  mutating func run() throws(Violation) {
    events.push(.serverStarts, at: 0)
    for index in workers.indices {
      events.push(.workerStarts(index), at: random.below(.milliseconds(300)))
    }
    for (time, fault) in scenario.faults { events.push(.fault(fault), at: time) }
    events.push(.faultsEnd, at: scenario.faultsEnd)
    while !isOver, let (time, event) = events.pop() {
      now = time
      eventCount += 1
      try checkDeadline()
      guard !postponeIfFrozen(event) else { continue }
      try handle(event)
    }
  }

  /// Whether the run is complete and no process is running.
  private var isOver: Bool { completion != nil && workers.allSatisfy { $0.core == nil } }

  private func checkDeadline() throws(Violation) {
    let quiet = max(scenario.faultsEnd, completion ?? 0)
    let isComplete = completion != nil
    let patience = isComplete ? Self.timeLimits.workers : scenario.patience
    guard now > quiet + patience else { return }
    let running = workers.filter { $0.core != nil }.map(\.name)
    throw Violation(
      isComplete ? .farewells : .progress,
      "\((now - quiet) / 1_000_000) s later the version is \(checker.version) of "
        + "\(checker.model.plan.steps), and \(running) are running")
  }

  /// Reschedules an event of a suspended process to the time at which it continues; keeps the
  /// order.
  private mutating func postponeIfFrozen(_ event: Event) -> Bool {
    let end: Microseconds
    switch event {
    case .serverTick, .written, .recomputed, .closes, .arrives(_, .toServer, _),
      .copyArrives(_, .toServer, _):
      end = server.frozenUntil
    case .workerTick(let index, _), .computed(let index, _): end = workers[index].frozenUntil
    case .arrives(let connection, .toWorker, _), .copyArrives(let connection, .toWorker, _):
      end = workers[connections[connection].worker].frozenUntil
    default: return false
    }
    guard now < end else { return false }
    events.push(event, at: end)
    return true
  }

  private mutating func handle(_ event: Event) throws(Violation) {
    switch event {
    case .fault(let fault): try inject(fault)
    case .faultsEnd:
      log.append(now, "end of faults")
      network.endFaults()
      applyRates()
      server.disk.failures = 0
    case .serverStarts: try startServer()
    case .serverTick(let incarnation, let isExtra):
      try tickServer(incarnation: incarnation, isExtra: isExtra)
    case .written(let incarnation):
      try finishWriting(incarnation: incarnation)
    case .recomputed(let incarnation, let result):
      guard incarnation == server.incarnation, server.core != nil else { return }
      try dispatchToServer(.recomputed(result))
    case .workerStarts(let index): try startWorker(index)
    case .workerTick(let index, let incarnation): try tickWorker(index, incarnation: incarnation)
    case .computed(let index, let incarnation):
      try completeComputation(index, incarnation: incarnation)
    case .connects(let index, let incarnation, let socket):
      try connect(index, incarnation: incarnation, socket: socket)
    case .arrives(let connection, let direction, let order):
      try receive(order, direction, on: connection)
    case .copyArrives(let connection, let direction, let inFlight):
      try deliver(inFlight, direction, on: connection)
    case .closes(let connection): try close(connection)
    case .strangerCloses(let end): try closeStranger(until: end)
    }
  }
}
