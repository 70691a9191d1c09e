import ArgumentParser
import Processes

/// The program. Each subcommand has a file of its own; options that several share have others.
@main
struct Tributary: ParsableCommand {
  /// The version of the program.
  static let version = "0.4.0"

  static let configuration = CommandConfiguration(
    commandName: "tributary",
    abstract: "Train an LSTM image classifier with a parameter server and worker processes.",
    discussion: """
      Start with: tributary train --recipe tutorial --workers 2

      \(ExitStatus.summary)
      """,
    version: version,
    subcommands: [
      TrainCommand.self, ServerCommand.self, WorkerCommand.self, EvaluateCommand.self,
      DigitsCommand.self, KeysCommand.self, WatchCommand.self, StatusCommand.self,
      BenchCommand.self, SimulateCommand.self,
    ])

  static func main() {
    var arguments: [String] = []
    do {
      arguments = try ArgumentList.ofThisProcess()
      arguments = try GivenOptions.adding(to: arguments)
      var command = try parseAsRoot(arguments)
      try command.run()
      Console.shared.flush()
    } catch {
      Failure.end(with: error, arguments: arguments)
    }
  }
}
