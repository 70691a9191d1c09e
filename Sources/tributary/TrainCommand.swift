import ArgumentParser
import Processes

/// A server and its workers on this host.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train with a parameter server and worker processes on this host.")

  @Option(help: "Worker processes to start.")
  var workers = 2

  @OptionGroup var options: TrainingOptions

  func validate() throws {
    guard (1...256).contains(workers) else {
      throw ValidationError("--workers cannot be \(workers); use 1 to 256")
    }
  }

  func run() throws {
    try Failure.report {
      try TrainingSession(options: options, endpoint: nil, workers: workers).run()
    }
  }
}
