import Coordination
import Foundation
package import Logging
package import Storage
import ZeroMQ

/// What `tributary train` is: it starts a server and workers on this host, starts again what
/// crashes, passes signals on, and leaves nobody behind.
///
/// The server's standard input is a ``ControlChannel``; the workers' is the reading end of a pipe.
/// When this process ends, however it ends, both come to their ends, and the children end too.
package final class Launcher {
  /// What is started.
  package struct Plan {
    /// The settings as arguments of the server; nil to go on with the run in the folder.
    package var settings: [String]?
    /// The server's other arguments, without those about the folder and the endpoint.
    package var serverArguments: [String] = []
    /// Number of workers.
    package var workers = 1
    /// Arguments of a worker, without its name and its endpoint.
    package var workerArguments: [String] = []
    /// The run's folder.
    package var folder: String
    /// Where the server listens; nil for a private ipc endpoint.
    package var endpoint: String?
    /// How often each child may be started again.
    package var restarts = 3
    /// What is done to the children on purpose.
    package var chaos = Chaos()

    /// A plan for a run in `folder`.
    package init(folder: String) {
      self.folder = folder
    }
  }

  /// What came of it.
  package struct Result: Sendable, Equatable {
    /// The exit code.
    package let code: ExitStatus
    /// What there is to say that the server has not said itself.
    package let message: String?
  }

  let plan: Plan
  let logger: Logger
  let clock = MonotonicClock()
  let server: Charge
  let workers: [Charge]
  var chaos: Chaos
  /// Children that are stopped on purpose, and until when.
  var stopped: [(charge: Charge, until: Moment)] = []
  var channel: ControlChannel?

  private let lifeline = Pipe()
  private let privateFolder: PrivateFolder?
  private let endpointFile: EndpointFile
  /// Whether the folder held no run at the beginning, so that what it holds later is this one.
  private let wasEmpty: Bool
  private var endpoint: String
  private var isListening = false
  private var isExhausted = false
  private var signal: SignalDescriptor.Signal?
  private var isAbrupt = false

  private enum Source: Hashable {
    case signals
    case server
  }

  private static let turn = 20
  /// Seconds that a worker looks for the server, which may be about to be started again.
  private static let patience = 300
  private static let farewell = Duration.seconds(5)

  /// A launcher that has started nothing yet.
  ///
  /// - Throws: ``FileError`` if there is no place for a private endpoint.
  package init(_ plan: Plan, logger: Logger) throws(FileError) {
    self.plan = plan
    self.logger = logger
    chaos = plan.chaos
    server = Charge(
      "server", policy: RestartPolicy(.server, limit: plan.restarts), logger: logger)
    workers = (1...max(plan.workers, 1)).map {
      Charge("worker-\($0)", policy: RestartPolicy(.worker, limit: plan.restarts), logger: logger)
    }
    let privateFolder = try plan.endpoint == nil ? PrivateFolder() : nil
    endpoint = plan.endpoint ?? "ipc://\(privateFolder?.path ?? ".")/server"
    self.privateFolder = privateFolder
    endpointFile = EndpointFile(in: plan.folder)
    wasEmpty = !Self.holdsRun(plan.folder)
  }

  /// Runs until the server has ended and nobody is left.
  ///
  /// - Throws: ``ZeroMQError`` if nothing can be waited for.
  package func run(signals: consuming SignalDescriptor) throws -> Result {
    // Children inherit it: they are in the background of a terminal, and some terminals stop
    // whoever writes from there.
    Foundation.signal(SIGTTOU, SIG_IGN)
    defer { leaveNobody() }
    while !server.isOver {
      look(after: server) { () throws(ProcessError) in try startServer() }
      if isListening { lookAfterWorkers() } else { listen() }
      resume()
      try wait(signals)
    }
    for event in chaos.events where server.ending == .exited(.finished) {
      logger.warning("chaos did not come to pass", metadata: ["event": "\(event)"])
    }
    return result
  }

  // MARK: Children

  private func look(after charge: Charge, _ start: () throws(ProcessError) -> ChildProcess) {
    charge.check(mayRestart: signal == nil, at: clock.now)
    charge.startIfDue(at: clock.now, start)
  }

  private func startServer() throws(ProcessError) -> ChildProcess {
    let (own, child) = try ControlChannel.make()
    let isBegun = wasEmpty && Self.holdsRun(plan.folder)
    let settings = isBegun ? nil : plan.settings
    let arguments =
      ["server", "--listen=\(endpoint)", "--end-with-input"]
      + (settings ?? []) + [(settings == nil ? "--resume=" : "--run=") + plan.folder]
      + (plan.chaos.events.isEmpty ? [] : ["--announce-steps"])
      + (server.ending == nil ? [] : ["--started-again"]) + plan.serverArguments
    let process = try ChildProcess(
      server.name, program: ChildProcess.thisProgram, arguments: arguments, input: child)
    channel = own
    if isExhausted { own.send(.exhausted) }
    return process
  }

  private static func holdsRun(_ folder: String) -> Bool {
    CheckpointFolder.holdsAny(RunFolder.checkpoints(folder))
  }

  /// Sees whether the server listens; workers are started then, and not before.
  private func listen() {
    guard let endpoint = endpointFile.endpoint else { return }
    self.endpoint = endpoint
    isListening = true
  }

  private func lookAfterWorkers() {
    for worker in workers {
      look(after: worker) { () throws(ProcessError) in
        try ChildProcess(
          worker.name, program: ChildProcess.thisProgram,
          arguments: ["worker", "--connect", endpoint, "--name", worker.name, "--end-with-input"]
            + ["--quiet", "--connect-timeout=\(Self.patience)"] + plan.workerArguments,
          input: lifeline.fileHandleForReading)
      }
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
      case .signals: if let signal = signals.next() { take(signal) }
      case .server:
        for case .step(let step) in channel?.receive() ?? [] { unleash(at: step) }
      }
    }
  }

  /// Passes a signal on to the server, which then sends the workers home; a second one ends
  /// everybody at once. A terminal that closes may say so more than once.
  private func take(_ signal: SignalDescriptor.Signal) {
    isAbrupt = isAbrupt || self.signal.map { $0 != .hangUp && signal != .hangUp } ?? false
    self.signal = signal
    for (charge, _) in stopped { charge.send(SIGCONT) }
    stopped = []
    for charge in [server] + workers { charge.release() }
    server.send(isAbrupt ? SIGKILL : signal.number)
    for worker in workers where isAbrupt { worker.send(SIGKILL) }
  }

  // MARK: The end

  private var result: Result {
    switch (server.ending, signal) {
    case (.exited(.tryAgain), nil) where isExhausted:
      Result(code: workerFailure ?? .tryAgain, message: nil)
    case (.exited(let code), _): Result(code: code, message: nil)
    case (_, let signal?) where isAbrupt:
      Result(code: signal.exitStatus, message: "ended at once by a second \(signal.name)")
    case (.killed(let number), let signal?):
      Result(
        code: signal.exitStatus,
        message: "the server was ended by signal \(number) when it was to stop")
    case (_, let signal?):
      Result(
        code: signal.exitStatus, message: "stopped by \(signal.name) while no server was running")
    case (.killed(let number), nil):
      Result(
        code: .tryAgain,
        message: "the server was ended by signal \(number) and is not started again; "
          + "--resume \(plan.folder) goes on")
    case (.unstarted(let reason), nil): Result(code: .tryAgain, message: reason)
    case (nil, nil): Result(code: .tryAgain, message: "no server was started")
    }
  }

  /// The exit code of the first worker whose last process ended by itself with one other than 0.
  private var workerFailure: ExitStatus? {
    workers.lazy.compactMap {
      if case .exited(let code) = $0.ending, code != .finished { code } else { nil }
    }.first
  }

  /// Waits for the children to end, which the closed pipe and channel ask them to; those that are
  /// still there after five seconds are killed.
  private func leaveNobody() {
    channel = nil
    try? lifeline.fileHandleForWriting.close()
    for (charge, _) in stopped { charge.send(SIGCONT) }
    let deadline = clock.now.advanced(by: Self.farewell)
    let all = [server] + workers
    while all.contains(where: \.isRunning), clock.now < deadline {
      Thread.sleep(forTimeInterval: 0.005)
    }
    for charge in all { charge.send(SIGKILL) }
    privateFolder?.remove()
  }
}
