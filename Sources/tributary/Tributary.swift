import ArgumentParser
import Processes

/// The program. One file for each subcommand; options that several share are in files of their own.
@main
struct Tributary: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tributary",
    abstract: "Trains an LSTM classifier with a parameter server and worker processes.",
    discussion: """
      Start with: tributary train --recipe tutorial --workers 2

      \(ExitStatus.summary)
      """,
    version: "0.1.0",
    subcommands: [
      TrainCommand.self, ServerCommand.self, WorkerCommand.self, EvaluateCommand.self,
      DigitsCommand.self, BenchCommand.self, SimulateCommand.self,
    ])

  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      var command = try parseAsRoot(arguments)
      try command.run()
    } catch {
      Failure.end(with: error, arguments: arguments)
    }
  }
}
