package import Coordination
package import Logging
package import Wire
package import ZeroMQ

/// The shell around ``WorkerCore``: an event loop on the socket thread, so that heartbeats continue
/// during a computation, and a second thread that computes.
///
/// It turns messages, results, signals and time into events for the core, and executes the effects
/// that the core returns.
package struct WorkerProcess: ~Copyable {
  /// The options of a worker process.
  package struct Configuration: Sendable {
    /// The worker's introduction to the server.
    package var hello: Hello
    /// Whether the worker stops at the end of standard input, which its launcher holds open.
    package var endsWithInput = false
    /// Time limits; those for a session arrive with the server's welcome.
    package var timing = Timing()

    /// Creates a configuration with default options.
    package init(hello: Hello) {
      self.hello = hello
    }
  }

  private enum Source: Hashable {
    case server
    case results
    case signals
    case input
  }

  private let connection: any Connection
  private let clock: MonotonicClock
  private let logger: Logger
  private let signals: SignalDescriptor
  private let compute: ComputeThread
  private let bell: Doorbell
  private let progress: ComputeProgress
  private var core: WorkerCore
  private var search: ServerSearch
  /// The core's initial effects, executed when the run starts.
  private var pending: [WorkerCore.Effect] = []
  private var ending: WorkerCore.Ending?
  private var signal: SignalDescriptor.Signal?
  private var watchesInput: Bool

  private static let tick = 100

  /// Creates a worker and starts its compute thread.
  ///
  /// - Parameter makeRunner: called once on the compute thread; the runner advances the progress
  ///   that it receives with each time step.
  /// - Throws: ``ZeroMQError`` if the process has no descriptors left.
  package init(
    _ configuration: Configuration, connection: any Connection, context: Context,
    signals: consuming SignalDescriptor, logger: Logger,
    makeRunner: @escaping @Sendable (ComputeProgress) -> any JobRunner
  ) throws(ZeroMQError) {
    let progress = ComputeProgress()
    let compute = try ComputeThread(context: context) { makeRunner(progress) }
    clock = MonotonicClock()
    core = WorkerCore(
      hello: configuration.hello, timing: configuration.timing, at: clock.now, effects: &pending)
    search = ServerSearch(for: connection.endpoint, at: clock.now)
    watchesInput = configuration.endsWithInput
    self.connection = connection
    self.signals = signals
    self.logger = logger
    self.compute = compute
    self.progress = progress
    bell = compute.takeBell()
  }

  /// Runs until the server no longer needs the worker, or the worker is stopped.
  ///
  /// - Parameter notifier: the connection to the service manager that started this process.
  package mutating func run(
    _ notifier: ServiceNotifier? = nil
  ) throws(ZeroMQError) -> WorkerExit {
    try perform(pending)
    while ending == nil {
      for event in try makePoller().wait(milliseconds: Self.tick) where ending == nil {
        switch event.key {
        case .server: try receive()
        case .results: try takeResults()
        case .signals: try takeSignal()
        case .input: try takeEndOfInput()
        }
      }
      try handle(.progressed(progress.count))
      try handle(.tick)
      try diagnose()
      if let notifier { report(to: notifier) }
    }
    notifier?.stopping()
    try endComputing()
    let fault = ending == .unreachable ? search.fault(at: clock.now) : nil
    return WorkerExit(
      ending: ending ?? .stopped, patience: core.patience, hasJoined: core.hasJoined,
      signal: signal, fault: fault)
  }

  /// Reports to the service manager that the loop turns; a worker is ready once it has joined.
  private func report(to notifier: ServiceNotifier) {
    let now = clock.now
    notifier.turn(at: now)
    switch core.contact {
    case .searching: notifier.report("no session with \(connection.endpoint)", at: now)
    case .welcomed, .serving:
      notifier.ready()
      notifier.report("in a session with \(connection.endpoint)", at: now)
    }
  }

  /// Logs the reason for which there is no server, once it is certain.
  private mutating func diagnose() throws(ZeroMQError) {
    guard !search.isOver(core.contact) else { return }
    let events = try connection.takeEvents()
    let fault = search.update(
      core.contact, events: events, location: connection.locationFault, at: clock.now)
    if search.takeAttempt(at: clock.now), try connection.tryNext() {
      search.reconnected(to: connection.endpoint, at: clock.now)
    }
    guard let fault else { return }
    logger.warning("no session with the server", metadata: ["reason": "\(fault)"])
    // The key of a worker does not become valid later.
    if fault.kind == .unauthorized { ending = .unreachable }
  }

  private func makePoller() -> Poller<Source> {
    var poller = Poller<Source>()
    connection.add(to: &poller, as: .server)
    poller.add(bell, as: .results)
    poller.add(descriptor: signals.descriptor, as: .signals)
    if watchesInput { poller.add(descriptor: 0, as: .input) }
    return poller
  }

  /// Ends the compute thread. It holds the context: if it still ran at the end of the process, the
  /// context would not be closed, and the last messages, such as the farewell, would be lost.
  private func endComputing() throws(ZeroMQError) {
    compute.clear()
    try hand(.end)
    compute.join()
  }

  // MARK: Events

  private mutating func receive() throws(ZeroMQError) {
    while ending == nil, let delivery = try connection.receive() {
      switch delivery {
      case .message(let message):
        search.record(message.message)
        try handle(.received(message))
      case .malformed(let reason): try handle(.malformed(reason: reason))
      }
    }
  }

  private mutating func takeResults() throws(ZeroMQError) {
    try bell.drain()
    for result in compute.takeResults() {
      switch result {
      case .computed(let result): try handle(.computed(result))
      case .failed(let reason): try handle(.failed(reason: reason))
      }
    }
  }

  private mutating func takeSignal() throws(ZeroMQError) {
    guard let signal = signals.next() else { return }
    self.signal = signal
    try handle(.stop(reason: "the worker received \(signal.name)"))
  }

  private mutating func takeEndOfInput() throws(ZeroMQError) {
    watchesInput = false  // it stays readable and would be reported repeatedly
    try handle(.stop(reason: "the worker's launcher has exited"))
  }

  private mutating func handle(_ event: WorkerCore.Event) throws(ZeroMQError) {
    var effects: [WorkerCore.Effect] = []
    core.handle(event, at: clock.now, effects: &effects)
    try perform(effects)
  }

  // MARK: Effects

  private mutating func perform(_ effects: [WorkerCore.Effect]) throws(ZeroMQError) {
    for effect in effects {
      switch effect {
      case .send(let message): try connection.send(message)
      case .reconnect: try reconnect()
      case .prepare(let welcome): try prepare(welcome)
      case .load(let weights, let version): try hand(.load(weights, version: version))
      case .compute(let lease): try hand(.compute(lease))
      case .finish(let ending): self.ending = ending
      }
    }
  }

  private mutating func reconnect() throws(ZeroMQError) {
    if search.isInSession {
      logger.warning(
        "session lost, reconnecting", metadata: ["server.endpoint": "\(connection.endpoint)"])
    }
    compute.clear()
    try connection.reconnect()
    search.reconnected(to: connection.endpoint, at: clock.now)
  }

  private func prepare(_ welcome: Welcome) throws(ZeroMQError) {
    logger.info(
      "joined the server",
      metadata: ["server.endpoint": "\(connection.endpoint)", "dataset": "\(welcome.dataset)"])
    try hand(.prepare(welcome))
  }

  private func hand(_ job: Job) throws(ZeroMQError) {
    compute.put(job)
    try bell.ring()
  }
}
