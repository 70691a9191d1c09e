import ArgumentParser
import Coordination
import Foundation
import Learning
import Logging
import Processes

/// A launcher of a server and its workers on this host.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train with a parameter server and worker processes on this host.",
    discussion: """
      A server or a worker that crashes is started again. SIGTERM, SIGINT and SIGHUP end the \
      training in order; a second SIGTERM or SIGINT ends it at once.
      """)

  @Option(help: "Worker processes to start.")
  var workers = 2

  @Option(
    help: ArgumentHelp(
      "How often each process may be started again after a crash.", valueName: "times"))
  var restarts = 3

  @Option(
    help: ArgumentHelp(
      "Do something to processes on purpose, each event once.",
      discussion: """
        A list with commas: kill:worker:2@50 kills worker 2 when step 50 is reached, \
        restart:server@120 kills the server and starts it again at once, stop:worker:1@200+6s \
        stops worker 1 for 6 seconds, term:worker:1@90 sends it SIGTERM. What is killed on purpose \
        does not count for --restarts.
        """,
      valueName: "events"))
  var chaos: String?

  @OptionGroup var options: TrainingOptions

  func validate() throws {
    guard (1...256).contains(workers) else {
      throw ValidationError("--workers cannot be \(workers); use 1 to 256")
    }
    guard (0...1000).contains(restarts) else {
      throw ValidationError("--restarts cannot be \(restarts); use 0 to 1000")
    }
    guard options.policy.minWorkers <= workers else {
      throw ValidationError(
        "--min-workers cannot be \(options.policy.minWorkers) with --workers \(workers); "
          + "use \(workers) or fewer, or more --workers")
    }
    _ = try events()
  }

  func run() throws {
    try Failure.report {
      let (code, message) = try launch()
      if let message { throw Failure.exit(code, message) }
      guard code == 0 else { throw ExitCode(code) }
    }
  }

  private func launch() throws -> (code: Int32, message: String?) {
    let isNew = options.resume == nil
    if isNew { _ = try options.settings() } else { try options.refuseSettings() }
    _ = try options.data.selectedKernels()
    let endpoint = try options.endpoint()
    let workerArguments = try options.data.workerArguments()
    let signals = try SignalDescriptor()
    let named = options.resume ?? options.run
    let folder = try named ?? makeFolder()
    // What is made for a run that cannot begin is empty, and goes again.
    defer { if named == nil, rmdir(folder) == 0 { rmdir("runs") } }
    var plan = Launcher.Plan(folder: folder)
    plan.settings = isNew ? options.settingArguments : nil
    plan.serverArguments = options.serverArguments
    plan.workers = workers
    plan.workerArguments = workerArguments
    plan.endpoint = endpoint
    plan.restarts = restarts
    plan.chaos = try events()
    Console.shared.sharesTerminal()
    let result = try Launcher(plan, logger: ConsoleLogHandler.logger(.info)).run(signals: signals)
    return (result.code, result.message)
  }

  private func makeFolder() throws -> String {
    let settings = try options.settings()
    return try RunFolder.make(recipe: settings.recipe.name, mode: settings.mode.rawValue)
  }

  private func events() throws -> Chaos {
    guard let chaos else { return Chaos() }
    do {
      let events = try Chaos(chaos)
      guard events.highestWorker <= workers else {
        throw ValidationError(
          "--chaos names worker \(events.highestWorker); use 1 to \(workers), or more --workers")
      }
      return events
    } catch let error as ChaosError {
      throw ValidationError("--chaos: \(error)")
    }
  }
}
