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
    return try ChildProcess(
      worker.name, program: ChildProcess.thisProgram,
      arguments: ["worker", "--connect", location, "--name", worker.name, "--end-with-input"]
        + ["--quiet", "--connect-timeout=\(Self.connectTimeout)"] + plan.workerArguments,
      input: lifeline.fileHandleForReading)
  }

  /// The place that names the server to the workers: the endpoint on this host of a server without
  /// keys, otherwise the folder of the run.
  private var location: String {
    guard plan.isInsecure || Endpoint.isPrivate(endpoint) else { return plan.folder }
    guard let address = TCPAddress(endpoint) else { return endpoint }
    if address.isWildcard {
      return TCPAddress(host: TCPAddress.loopback, port: address.port).endpoint
    }
    return RunFolder.publishedEndpoints(plan.folder).first ?? endpoint
  }
}
