import ArgumentParser
import Coordination
import Foundation
import Learning
import Logging
import Numerics
import Processes
import Storage
import Telemetry

/// The server of a training in this process, with its progress on the console.
struct TrainingSession {
  let options: TrainingOptions
  /// The endpoint to listen at unless the options name one.
  let endpoint: String
  /// The channel to the launcher, if one started this process.
  let control: ControlChannel?
  /// Whether a previous server of this launcher crashed.
  let isRestarted: Bool
  /// The number of workers that the launcher starts on this host.
  let localWorkers: Int

  /// Trains, prints the report, and ends the process with an exit code that matches the outcome.
  func run() throws {
    // Exceeding a limit on the size of files becomes an error of the write, as on a full disk.
    signal(SIGXFSZ, SIG_IGN)
    let notifier = ServiceNotifier.takeFromEnvironment()
    DescriptorLimit.raise()
    HeapRetention.enable()
    let resumed = options.resumed
    let settings = try resumed == nil ? options.settings() : nil
    if settings == nil { try options.checkResumed() }
    let data = try options.dataOfRun()
    let kernels = try data.testedKernels()
    let endpoint = try options.endpoint() ?? endpoint
    let signals = try SignalDescriptor()
    if control != nil { signals.resumeOnParentExit() }
    let (dataset, source) = try data.loadWithSource()
    let new = try settings.map(newFolder)
    do {
      guard let start = try start(settings, in: new?.path ?? resumed ?? "", dataset, kernels) else {
        notifier?.ready()  // otherwise the end would count as a failed start
        notifier?.stopping()
        return
      }
      var configuration = TrainingRun.Configuration(endpoint: endpoint, kernels: kernels)
      configuration.policy = try options.policy.policy()
      configuration.isInsecure = options.insecure
      configuration.advertisement = try options.advertisement()
      configuration.connections = try options.connections.limits()
      configuration.data = source.recorded
      configuration.health = try options.healthEndpoint()
      try train(start, dataset, configuration, notifier, signals: signals)
    } catch {
      new?.removeUnlessBegun()
      throw error
    }
  }

  /// The folder of a new run, which is not created yet if it was named.
  private func newFolder(_ settings: TrainingSettings) throws -> NewRunFolder {
    try options.run.map { NewRunFolder($0) }
      ?? NewRunFolder(recipe: settings.recipe.name, mode: settings.mode.rawValue)
  }

  private func train(
    _ start: RunStart, _ dataset: Dataset, _ configuration: TrainingRun.Configuration,
    _ notifier: ServiceNotifier?, signals: consuming SignalDescriptor
  ) throws {
    let run = TrainingRun(
      configuration, from: start, dataset: dataset, display: display(start.settings))
    let outcome = try run.run(signals: signals, control: control, notifier: notifier)
    Console.shared.endProgress()
    let isPrinted = print(outcome.report)
    try end(outcome, folder: start.folder.path)
    guard isPrinted else { throw ExitCode(ExitStatus.inputOutput.rawValue) }
  }

  /// Returns the start of a new run of `settings` in `folder`, or of the resumed run; nil if that
  /// is complete, which it prints.
  private func start(
    _ settings: TrainingSettings?, in folder: String, _ dataset: Dataset, _ kernels: Kernels
  ) throws -> RunStart? {
    guard let settings else { return try resume(folder, dataset, kernels) }
    try MemoryShortage.check(
      settings, ModelShape(recipe: settings.recipe, dataset: dataset), localWorkers: localWorkers,
      computes: options.policy.audit > 0)
    return try RunStart(
      settings, in: folder, initialModel: options.initialModel, dataset: dataset,
      kernels: kernels)
  }

  private func resume(
    _ folder: String, _ dataset: Dataset, _ kernels: Kernels
  ) throws -> RunStart? {
    do {
      let start = try RunStart(
        resuming: folder, length: options.given.length(), dataset: dataset, kernels: kernels,
        mayBeComplete: isRestarted
      ) {
        ConsoleLogHandler.logger(.info).warning(
          "checkpoint cannot be used", metadata: ["error": "\($0)"])
      }
      try options.policy.checkAudit(start.settings.mode)
      try MemoryShortage.check(
        start.settings, start.state.optimizer.shape, localWorkers: localWorkers,
        computes: options.policy.audit > 0)
      return start
    } catch let error as RunError {
      guard case .complete = error else { throw error }
      Console.shared.line("\(error)")
      return nil
    }
  }

  private func display(_ settings: TrainingSettings) -> RunDisplay {
    var line = ProgressLine(style: Console.style)
    let isVerbose = options.verbose
    let batchSize = settings.recipe.batchSize
    return RunDisplay(
      logger: ConsoleLogHandler.logger(.info),
      progress: { progress, now in
        guard let text = line.refresh(progress, at: now) else { return }
        Console.shared.progress(text, interruption: line.interruption)
      },
      step: { step in
        guard isVerbose, let text = NotebookLine.text(step, batchSize: batchSize) else { return }
        Console.shared.line(text)
      })
  }

  /// Prints the report; an error is printed on standard error.
  ///
  /// - Returns: whether it was printed.
  private func print(_ report: RunReport) -> Bool {
    do {
      if options.json {
        try StandardOutput.write(String(decoding: report.json(), as: UTF8.self))
      } else {
        try StandardOutput.writeLine(report.table)
      }
      return true
    } catch {
      Console.shared.line("tributary: \(error)")
      return false
    }
  }

  private func end(_ result: TrainingOutcome, folder: String) throws {
    if let failure = result.failure { throw unsaved(failure, folder: folder) }
    switch result.outcome {
    case .completed: return
    case .diverged(let step):
      throw Failure.exit(
        .diverged,
        "the training diverged at step \(step): no finite gradient; lower --learning-rate or --clip"
      )
    case .abandoned:
      throw Failure.exit(
        .tryAgain,
        "\(absence(result)); use --resume \(folder) to continue with new ones")
    case .stopped, .replay:
      guard let signal = result.signal else { return }
      throw Failure.exit(
        signal.exitStatus,
        "stopped by \(signal.name) after \(result.report.steps) steps; "
          + "use --resume \(folder) to continue")
    }
  }

  /// The exit code for a model or a report that could not be written. A resume from the last
  /// checkpoint writes them.
  private func unsaved(_ failure: FileError, folder: String) -> ExitCode {
    let next = "then use --resume \(folder) to write it"
    guard failure.isOutOfSpace, case .unwritable(let path, let operation, let reason) = failure
    else { return Failure.exit(.inputOutput, "\(failure), \(next)") }
    return Failure.exit(
      .inputOutput, "\(path): \(operation) failed (\(reason)); free space, \(next)")
  }

  private func absence(_ result: TrainingOutcome) -> String {
    guard result.workersMayCome else {
      return "all workers exited before the training was complete, see their messages above"
    }
    let (least, time) = (options.policy.minWorkers, options.policy.waitForWorkers)
    let wait = time == time.rounded() ? "\(Int(time)) s" : "\(time) s"
    return least == 1
      ? "no worker connected for \(wait)" : "fewer than \(least) workers for \(wait)"
  }
}
