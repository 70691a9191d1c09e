import Coordination
import Learning
import Wire

/// A whole run in one thread: the real cores on a virtual clock, and everything around them drawn
/// from a seed. The same scenario always takes the same course.
struct SimulatedCluster {
  enum Event {
    case fault(Fault)
    /// From now on nothing goes wrong.
    case calm
    case serverStarts
    case serverTick(life: Int, isExtra: Bool)
    case written(life: Int)
    case workerStarts(Int)
    case workerTick(Int, life: Int)
    case computed(Int, life: Int)
    case connects(Int, life: Int, socket: Int)
    case toServer(connection: Int, Parcel)
    case toWorker(connection: Int, Parcel)
    /// The server's socket finds out that a connection has ended.
    case closes(connection: Int)
  }

  /// Time from the end of the faults within which the run must be complete, and from that within
  /// which all workers must have ended.
  static let patience = (run: Microseconds.seconds(240), workers: Microseconds.seconds(60))
  /// Time between two regular ticks of a process.
  static let turn = Microseconds.milliseconds(250)

  let scenario: Scenario
  var now: Microseconds = 0
  var events = EventQueue<Event>()
  var eventCount = 0
  var server: SimulatedServer
  var workers: [SimulatedWorker]
  var connections: [SimulatedConnection] = []
  var network: SimulatedNetwork
  var inspector: Inspector
  var log: EventLog
  var dice: Dice
  /// When the server's run was completed.
  var completion: Microseconds?

  /// A cluster of which nothing runs yet.
  init(_ scenario: Scenario, isLogged: Bool = false) throws(Violation) {
    self.scenario = scenario
    var dice = Dice(seed: scenario.seed, stream: 2)
    server = SimulatedServer(
      disk: try SimulatedDisk(scenario, dice: Dice(seed: scenario.seed, stream: 4)),
      clock: Self.clock(&dice))
    workers = scenario.leaseTimes.enumerated().map { index, time in
      SimulatedWorker(name: "worker-\(index)", leaseTime: time, clock: Self.clock(&dice))
    }
    network = SimulatedNetwork(
      scenario.conditions, workers: scenario.workers, dice: Dice(seed: scenario.seed, stream: 3))
    inspector = Inspector(scenario)
    log = EventLog(isKept: isLogged)
    self.dice = dice
  }

  private static func clock(_ dice: inout Dice) -> ProcessClock {
    ProcessClock(start: dice.within(.seconds(1000) ... .seconds(2000)))
  }

  /// Runs until the end, or until a rule is broken; the rule.
  mutating func course() -> Violation? {
    do throws(Violation) {
      try run()
      return nil
    } catch {
      log.note(now, "violated: \(error)")
      return error
    }
  }

  /// Runs until the run is complete and all processes have ended.
  mutating func run() throws(Violation) {
    events.push(.serverStarts, at: 0)
    for index in workers.indices {
      events.push(.workerStarts(index), at: dice.below(.milliseconds(300)))
    }
    for (time, fault) in scenario.faults { events.push(.fault(fault), at: time) }
    events.push(.calm, at: scenario.calm)
    while !isOver, let (time, event) = events.pop() {
      now = time
      eventCount += 1
      try checkDeadline()
      guard !isDeferred(event) else { continue }
      try handle(event)
    }
  }

  /// Whether nothing runs any more, nor will.
  private var isOver: Bool { completion != nil && workers.allSatisfy { $0.core == nil } }

  private func checkDeadline() throws(Violation) {
    let quiet = max(scenario.calm, completion ?? 0)
    let isComplete = completion != nil
    let patience = isComplete ? Self.patience.workers : Self.patience.run
    guard now > quiet + patience else { return }
    let running = workers.filter { $0.core != nil }.map(\.name)
    throw Violation(
      isComplete ? .farewells : .progress,
      "\((now - quiet) / 1_000_000) s later version \(inspector.version) of "
        + "\(inspector.standIn.plan.steps) is reached, and \(running) run")
  }

  /// What concerns a process that is frozen happens when it goes on, in the same order.
  private mutating func isDeferred(_ event: Event) -> Bool {
    let end: Microseconds
    switch event {
    case .serverTick, .written, .toServer, .closes: end = server.frozenUntil
    case .workerTick(let index, _), .computed(let index, _): end = workers[index].frozenUntil
    case .toWorker(let connection, _): end = workers[connections[connection].worker].frozenUntil
    default: return false
    }
    guard now < end else { return false }
    events.push(event, at: end)
    return true
  }

  private mutating func handle(_ event: Event) throws(Violation) {
    switch event {
    case .fault(let fault): try inject(fault)
    case .calm:
      log.note(now, "nothing goes wrong any more")
      network.calm()
    case .serverStarts: try startServer()
    case .serverTick(let life, let isExtra): try tickServer(life: life, isExtra: isExtra)
    case .written(let life):
      guard life == server.life, server.core != nil, try server.disk.finishWriting() else { return }
      events.push(event, at: now + dice.below(.milliseconds(30)))
    case .workerStarts(let index): try startWorker(index)
    case .workerTick(let index, let life): try tickWorker(index, life: life)
    case .computed(let index, let life): try handIn(index, life: life)
    case .connects(let index, let life, let socket):
      try connect(index, life: life, socket: socket)
    case .toServer(let connection, let parcel): try deliver(parcel, toServer: connection)
    case .toWorker(let connection, let parcel): try deliver(parcel, toWorker: connection)
    case .closes(let connection): try close(connection)
    }
  }
}
