import ArgumentParser

/// The program. One file for each subcommand; options that several share are in files of their own.
@main
struct Tributary: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tributary",
    abstract: "Trains an LSTM classifier with a parameter server and worker processes.",
    discussion: """
      Start with: tributary train --recipe tutorial --workers 2

      Exit codes: 0 finished, 1 a simulation broke a rule, 64 usage, 65 bad data, 69 server not \
      reached in time, 70 diverged, 74 input or output failed, 75 try again, 78 bad settings, 129, \
      130 and 143 stopped by SIGHUP, SIGINT and SIGTERM.
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
