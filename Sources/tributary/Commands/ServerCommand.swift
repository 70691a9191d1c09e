import ArgumentParser
import Processes

/// A server whose workers are started elsewhere.
struct ServerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "server",
    abstract: "Run the parameter server of a training; workers connect to it.",
    discussion: "The endpoint in use is printed, and written to the file 'endpoint' of the run.")

  /// Whether standard input is the channel to a launcher, whose end ends the server.
  @Flag(help: .hidden)
  var endWithInput = false

  /// Whether the launcher is told every update.
  @Flag(help: .hidden)
  var announceSteps = false

  /// Whether the server before this one crashed, perhaps when all was done and not yet told.
  @Flag(help: .hidden)
  var startedAgain = false

  /// The folder of the launcher's private endpoint, removed here if the launcher was killed.
  @Option(help: .hidden)
  var privateFolder: String?

  @OptionGroup var options: TrainingOptions

  func run() throws {
    try Failure.report {
      let control = endWithInput ? ControlChannel.standardInput(announcesSteps: announceSteps) : nil
      let session = TrainingSession(
        options: options, endpoint: "tcp://127.0.0.1:5555", control: control,
        isRestarted: startedAgain)
      guard let control else { return try session.run() }
      try control.removingFolder(privateFolder) { try session.run() }
    }
  }
}
