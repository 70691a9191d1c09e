import Foundation

/// The command lines of the children.
extension Launcher {
  /// The time in seconds that a worker looks for the server, which may be about to be restarted.
  private static let connectTimeout = 300

  /// Starts a server: for the settings of the plan, or to resume once the run has begun.
  func startServer() throws(ProcessError) -> ChildProcess {
    let (own, child) = try ControlChannel.make()
    let settings = hasBegun ? nil : plan.settings
    let arguments =
      ["server", "--listen=\(endpoint)", "--end-with-input", "--local-workers=\(plan.workers)"]
      + (settings ?? []) + [(settings == nil ? "--resume=" : "--run=") + plan.folder]
      + (plan.chaos.events.isEmpty ? [] : ["--announce-steps"])
      + (server.ending == nil ? [] : ["--started-again"])
      + (privateFolder.map { ["--private-folder=\($0.path)"] } ?? []) + plan.serverArguments
    let process = try ChildProcess(
      server.name, program: ChildProcess.thisProgram, arguments: arguments, input: child)
    channel = own
    if isExhausted { own.send(.exhausted) }
    return process
  }

  /// Starts a worker of the server that listens.
  func start(_ worker: SupervisedProcess) throws(ProcessError) -> ChildProcess {
    let isOpen = plan.isInsecure || Endpoint.isPrivate(endpoint)
    let server =
      isOpen ? ["--connect", endpoint] : ["--join", RunKeys(run: plan.folder).invitation]
    return try ChildProcess(
      worker.name, program: ChildProcess.thisProgram,
      arguments: ["worker"] + server + ["--name", worker.name, "--end-with-input"]
        + ["--quiet", "--connect-timeout=\(Self.connectTimeout)"] + plan.workerArguments,
      input: lifeline.fileHandleForReading)
  }
}
