import ArgumentParser
import Processes

/// A server whose workers are started elsewhere.
struct ServerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "server",
    abstract: "Run the parameter server of a training; workers connect to it.",
    discussion: "The endpoint in use is printed, and written to the file 'endpoint' of the run.")

  @OptionGroup var options: TrainingOptions

  func run() throws {
    try Failure.report {
      try TrainingSession(options: options, endpoint: "tcp://127.0.0.1:5555", workers: 0).run()
    }
  }
}
