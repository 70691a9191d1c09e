import ArgumentParser
import Coordination
import Foundation
import Learning
import Logging
import Processes

/// The command that starts a server and its workers on this host.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train with a parameter server and worker processes on this host.",
    discussion: """
      A server or a worker that crashes is restarted. SIGTERM, SIGINT and SIGHUP stop the training \
      in order, with a checkpoint. A second SIGTERM or SIGINT, a second or more after the first, \
      kills the workers and leaves the server two seconds for its checkpoint.
      """)

  @Option(help: "Worker processes to start.")
  var workers = 2

  @Option(
    help: ArgumentHelp("Limit on the restarts of each process after a crash.", valueName: "times"))
  var restarts = 3

  @Option(
    help: ArgumentHelp(
      "Faults to inject into processes, each once.",
      discussion: """
        A comma-separated list: kill:worker:2@50 kills worker 2 when step 50 is reached, \
        restart:server@120 kills the server and restarts it at once, stop:worker:1@200+6s stops \
        worker 1 for 6 seconds, term:worker:1@90 sends it SIGTERM. The restarts that follow are \
        not counted for --restarts.
        """,
      valueName: "events"))
  var chaos: String?

  /// Seconds that the server has to exit after a signal.
  @Option(help: .hidden)
  var grace = 10.0

  @OptionGroup var options: TrainingOptions

  func validate() throws {
    guard (1...256).contains(workers) else {
      throw ValidationError("--workers cannot be \(workers); use 1 to 256")
    }
    guard (0...1000).contains(restarts) else {
      throw ValidationError("--restarts cannot be \(restarts); use 0 to 1000")
    }
    guard grace >= 0, grace <= 86_400 else {
      throw ValidationError("--grace cannot be \(grace); use 0 to 86400 seconds")
    }
    let policy = options.policy
    for (flag, count) in [("--start-with", policy.startWith), ("--min-workers", policy.minWorkers)]
    where count > workers {
      throw ValidationError(
        "\(flag) cannot be \(count) with --workers \(workers); "
          + "use \(workers) or fewer, or more --workers")
    }
    _ = try events()
  }

  func run() throws {
    try Failure.report {
      if try options.printsSettings() { return }
      DescriptorLimit.raise()
      let notifier = ServiceNotifier.takeFromEnvironment()
      let signals = try SignalDescriptor()
      let exit = try launch(signals, notifier)
      try Failure.end(with: exit.status, exit.message)
    }
  }

  private func launch(
    _ signals: borrowing SignalDescriptor, _ notifier: ServiceNotifier?
  ) throws -> LauncherExit {
    let resumed = options.resumed
    let isNew = resumed == nil
    if isNew { _ = try options.settings() } else { try options.checkResumed() }
    _ = try options.data.selectedKernels()
    var plan = Launcher.Plan(folder: resumed ?? "")
    plan.settings = isNew ? options.settingArguments : nil
    plan.endpoint = try options.endpoint()
    plan.isInsecure = options.insecure
    plan.workerArguments = try options.dataOfRun().workerArguments()
    plan.serverArguments = options.serverArguments
    plan.workers = workers
    plan.restarts = restarts
    plan.chaos = try events()
    plan.grace = .seconds(grace)
    let new = try isNew ? newFolder() : nil
    defer { new?.removeUnlessBegun() }
    if let new { plan.folder = new.path }
    Console.shared.sharesTerminal()
    return try Launcher(plan, logger: ConsoleLogHandler.logger(.info), notifier: notifier)
      .run(signals: signals)
  }

  /// The folder of a new run; one that was named is created by the server.
  private func newFolder() throws -> NewRunFolder {
    if let run = options.run { return NewRunFolder(run) }
    let settings = try options.settings()
    return try NewRunFolder(recipe: settings.recipe.name, mode: settings.mode.rawValue)
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
