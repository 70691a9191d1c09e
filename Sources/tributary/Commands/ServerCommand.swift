import ArgumentParser
import Processes

/// The command that runs a server whose workers are started separately.
struct ServerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "server",
    abstract: "Run the parameter server of a training, to which workers connect.",
    discussion: """
      The default endpoint is \(Self.defaultEndpoint). The endpoint in use is printed and written \
      to the file 'endpoint' in the folder of the run.

      Start workers with: tributary worker --join RUN/invitation

      The invitation is a file that the server makes; it contains a secret. Connections are \
      encrypted, and only peers with a key from an invitation are admitted.
      """)

  private static let defaultEndpoint = "tcp://127.0.0.1:5555"

  /// Whether standard input is the channel to a launcher; the server exits when it is closed.
  @Flag(help: .hidden)
  var endWithInput = false

  /// Whether every update is reported to the launcher.
  @Flag(help: .hidden)
  var announceSteps = false

  /// Whether the server before this one crashed; the run may be complete and not yet reported.
  @Flag(help: .hidden)
  var startedAgain = false

  /// The folder of the launcher's private endpoint, removed here if the launcher was killed.
  @Option(help: .hidden)
  var privateFolder: String?

  /// The number of workers that the launcher starts on this host, which need memory as well.
  @Option(help: .hidden)
  var localWorkers = 0

  @OptionGroup var options: TrainingOptions

  func run() throws {
    try Failure.report {
      if try options.printsSettings() { return }
      let control = endWithInput ? ControlChannel.standardInput(announcesSteps: announceSteps) : nil
      let session = TrainingSession(
        options: options, endpoint: Self.defaultEndpoint, control: control,
        isRestarted: startedAgain, localWorkers: localWorkers)
      guard let control else { return try session.run() }
      try control.removingFolder(privateFolder) { try session.run() }
    }
  }
}
