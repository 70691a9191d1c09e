import Coordination
import Foundation
package import Logging
package import Storage
import ZeroMQ

/// The process of `tributary train`: it starts a server and workers on this host, restarts those
/// that crash, forwards signals, and exits after all of them.
///
/// The server's standard input is a ``ControlChannel``; the workers' is the reading end of a pipe.
/// When this process ends, for any reason, both are closed, and the children end too.
package final class Launcher {
  /// The processes to start, and their arguments.
  package struct Plan {
    /// The settings as arguments of the server; nil to resume the run in the folder.
    package var settings: [String]?
    /// The server's other arguments, without those about the folder and the endpoint.
    package var serverArguments: [String] = []
    /// Number of workers.
    package var workers = 1
    /// Arguments of a worker, without its name and its endpoint.
    package var workerArguments: [String] = []
    /// The run's folder.
    package var folder: String
    /// The endpoint at which the server listens; nil for a private ipc endpoint.
    package var endpoint: String?
    /// Whether workers connect without the server's invitation.
    package var isInsecure = false
    /// Limit on the restarts of each child.
    package var restarts = 3
    /// Faults to inject.
    package var chaos = Chaos()
    /// The time that a server has to exit after a signal before it is killed: its workers have two
    /// seconds for their farewells, and the rest is for the last checkpoint.
    package var grace = Duration.seconds(10)

    /// Creates a plan for a run in `folder`.
    package init(folder: String) {
      self.folder = folder
    }
  }

  let plan: Plan
  let clock = MonotonicClock()
  let server: SupervisedProcess
  let workers: [SupervisedProcess]
  let lifeline = Pipe()
  let privateFolder: PrivateFolder?
  var endpoint: String
  var channel: ControlChannel?
  /// Whether no worker is left that could be restarted.
  var isExhausted = false

  private let endpointFile: EndpointFile
  private let notifier: ServiceNotifier?
  /// The time of the server's last line about its state; nil until the first one.
  private var lastStatus: Moment?
  /// Whether the folder held no run at the start, so that a later one in it is this one.
  private let wasEmpty: Bool
  private var chaos: ChaosInjector
  private var isListening = false
  private var stop: StopSequence?
  private var isServerOverdue = false

  private enum Source: Hashable {
    case signals
    case server
  }

  /// The longest wait for an event in milliseconds; children are checked that often.
  private static let turn = 20
  /// The time that workers have to exit after the server.
  private static let farewell = Duration.seconds(5)

  /// Creates a launcher that has started nothing yet.
  ///
  /// - Parameter notifier: the connection to the service manager that started this process.
  /// - Throws: ``FileError`` if the folder of a private endpoint cannot be created.
  package init(
    _ plan: Plan, logger: Logger, notifier: ServiceNotifier? = nil
  ) throws(FileError) {
    self.notifier = notifier
    self.plan = plan
    server = SupervisedProcess(
      "server", policy: RestartPolicy(.server, limit: plan.restarts), logger: logger)
    workers = (1...max(plan.workers, 1)).map {
      SupervisedProcess(
        "worker-\($0)", policy: RestartPolicy(.worker, limit: plan.restarts), logger: logger)
    }
    chaos = ChaosInjector(plan.chaos, server: server, workers: workers, logger: logger)
    privateFolder = try plan.endpoint == nil ? PrivateFolder() : nil
    endpoint = plan.endpoint ?? "ipc://\(privateFolder?.socket ?? "server")"
    endpointFile = EndpointFile(in: plan.folder)
    wasEmpty = !RunFolder.holdsRun(plan.folder)
  }

  /// Runs until the server has ended for good and all children are gone.
  ///
  /// Signals stay blocked afterwards, so that a repeated one does not prevent the last message.
  ///
  /// - Throws: ``ZeroMQError`` if polling fails, ``ProcessError`` if SIGTSTP cannot be received.
  package func run(signals: borrowing SignalDescriptor) throws -> LauncherExit {
    // Children inherit it: they are in the background of a terminal, and with `stty tostop` the
    // terminal would stop them when they write.
    Foundation.signal(SIGTTOU, SIG_IGN)
    try signals.addSuspension()
    defer { endChildren() }
    while !server.isOver {
      supervise(server) { () throws(ProcessError) in try startServer() }
      if isListening { superviseWorkers() } else { checkListening() }
      chaos.continueStopped(at: clock.now)
      endOverdueServer()
      try wait(signals)
      keepAlive()
    }
    if server.ending == .exited(.finished) {
      notifier?.ready()  // a run that is complete has no server that listens
      chaos.reportUntriggered()
    }
    notifier?.stopping()
    return exit
  }

  private var all: [SupervisedProcess] { [server] + workers }

  // MARK: Children

  private func supervise(
    _ process: SupervisedProcess, _ start: () throws(ProcessError) -> ChildProcess
  ) {
    process.check(mayRestart: stop == nil, at: clock.now)
    process.startIfDue(at: clock.now, start)
  }

  /// Whether the folder holds a run that this launcher can resume.
  var hasBegun: Bool { wasEmpty && RunFolder.holdsRun(plan.folder) }

  /// Detects whether the server listens; workers are started after that.
  private func checkListening() {
    guard let endpoint = endpointFile.endpoint else { return }
    self.endpoint = endpoint
    isListening = true
    notifier?.ready()
  }

  private func superviseWorkers() {
    for worker in workers {
      supervise(worker) { () throws(ProcessError) in try start(worker) }
    }
    guard !isExhausted, workers.allSatisfy(\.isOver) else { return }
    isExhausted = true
    channel?.send(.exhausted)
  }

  // MARK: Events

  private func wait(_ signals: borrowing SignalDescriptor) throws(ZeroMQError) {
    var poller = Poller<Source>()
    poller.add(descriptor: signals.descriptor, as: .signals)
    if let channel, channel.isOpen { poller.add(descriptor: channel.descriptor, as: .server) }
    for event in try poller.wait(milliseconds: Self.turn) {
      switch event.key {
      case .signals:
        switch signals.nextRequest() {
        case .stop(let signal): take(signal)
        case .suspend: suspend()
        case nil: break
        }
      case .server:
        for line in channel?.receive() ?? [] { take(line) }
      }
    }
  }

  private func take(_ line: ControlLine) {
    switch line {
    case .step(let step): chaos.trigger(at: step, now: clock.now)
    case .status(let text):
      lastStatus = clock.now
      notifier?.report(text, at: clock.now)
    case .exhausted: break
    }
  }

  /// Reports to the service manager that the training works: unless the server runs and its loop
  /// has not turned for long.
  private func keepAlive() {
    let now = clock.now
    if !server.isRunning { lastStatus = nil }
    if let lastStatus, now.since(lastStatus) >= HealthState.mostSilence { return }
    notifier?.turn(at: now)
  }

  /// Stops the training in order, or hastens that; see ``StopSequence``.
  private func take(_ signal: SignalDescriptor.Signal) {
    let now = clock.now
    guard stop != nil else {
      stop = StopSequence(signal, grace: plan.grace, at: now)
      notifier?.stopping()
      chaos.continueAll()
      for process in all { process.cancelRestarts() }
      server.send(signal.number)
      return
    }
    switch stop?.take(signal, at: now) {
    case .forwarded: server.send(signal.number)
    case .hastened: for worker in workers { worker.send(SIGKILL) }
    case .ignored, nil: break
    }
  }

  private func endOverdueServer() {
    guard let stop, stop.isExpired(at: clock.now), server.isRunning else { return }
    isServerOverdue = true
    server.send(SIGKILL)
  }

  /// Stops all processes until SIGCONT, this one last. The terminal does not do it: each child has
  /// a process group of its own. SIGSTOP also works where SIGTSTP is discarded, such as in a
  /// process group without a shell.
  private func suspend() {
    for process in all { process.add(.suspension) }
    raise(SIGSTOP)
    for process in all { process.remove(.suspension) }
  }

  // MARK: The end

  private var exit: LauncherExit {
    var outcome = LauncherOutcome(server: server.ending, stop: stop)
    outcome.isServerOverdue = isServerOverdue
    outcome.isExhausted = isExhausted
    outcome.workerFailure =
      workers.lazy.compactMap {
        if case .exited(let code) = $0.ending, code != .finished { code } else { nil }
      }.first
    outcome.resumable = RunFolder.holdsRun(plan.folder) ? plan.folder : nil
    return outcome.exit
  }

  /// Waits for the children to exit, as the closed pipe and channel request; kills those that still
  /// run after ``farewell``, and waits for these as well.
  private func endChildren() {
    channel = nil
    try? lifeline.fileHandleForWriting.close()
    chaos.continueAll()
    waitForChildren(Self.farewell)
    for process in all { process.send(SIGKILL) }
    waitForChildren(Self.farewell)
    privateFolder?.remove()
  }

  private func waitForChildren(_ limit: Duration) {
    let deadline = clock.now.advanced(by: limit)
    while all.contains(where: \.isRunning), clock.now < deadline {
      Thread.sleep(forTimeInterval: 0.005)
    }
  }
}
