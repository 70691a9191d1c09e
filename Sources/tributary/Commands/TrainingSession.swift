import ArgumentParser
import Coordination
import Foundation
import Learning
import Logging
import Numerics
import Processes
import Storage
import Telemetry

/// Runs the server of a training, and shows how it goes.
struct TrainingSession {
  let options: TrainingOptions
  /// Where to listen unless the options say.
  let endpoint: String
  /// The channel to the launcher, if one started this process.
  let control: ControlChannel?
  /// Whether the server before this one crashed.
  let isStartedAgain: Bool

  /// Trains, prints the report, and ends the process with the code that fits.
  func run() throws {
    // A limit on the size of files is an error to be told, as a full disk is.
    signal(SIGXFSZ, SIG_IGN)
    let settings = try options.resume == nil ? options.settings() : nil
    if settings == nil { try options.refuseSettings() }
    let kernels = try options.data.selectedKernels()
    let endpoint = try options.endpoint() ?? endpoint
    let signals = try SignalDescriptor()
    if control != nil { signals.resumeOnParentExit() }
    let dataset = try options.data.load()
    let new = try settings.map(newFolder)
    do {
      let start = try start(settings, in: new?.path, dataset, kernels)
      try train(start, dataset, kernels, endpoint: endpoint, signals: signals)
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
    _ start: RunStart, _ dataset: Dataset, _ kernels: Kernels, endpoint: String,
    signals: consuming SignalDescriptor
  ) throws {
    var configuration = TrainingRun.Configuration(endpoint: endpoint, kernels: kernels)
    configuration.policy = try options.policy.policy()
    let run = TrainingRun(
      configuration, from: start, dataset: dataset, audience: audience(start.settings))
    let result = try run.run(signals: signals, control: control)
    Console.shared.endProgress()
    try print(result.report)
    try end(result, folder: start.folder.path)
  }

  /// A new run of `settings` in `folder`, or the one that is resumed.
  private func start(
    _ settings: TrainingSettings?, in folder: String?, _ dataset: Dataset, _ kernels: Kernels
  ) throws -> RunStart {
    guard let settings, let folder else {
      return try RunStart(
        resuming: options.resume ?? "", dataset: dataset, kernels: kernels,
        mayBeComplete: isStartedAgain
      ) {
        ConsoleLogHandler.logger(.info).warning(
          "checkpoint cannot be used", metadata: ["error": "\($0)"])
      }
    }
    return try RunStart(settings, in: folder, dataset: dataset, kernels: kernels)
  }

  private func audience(_ settings: TrainingSettings) -> TrainingRun.Audience {
    var line = ProgressLine(style: Console.style)
    let isVerbose = options.verbose
    let batchSize = settings.recipe.batchSize
    return TrainingRun.Audience(
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

  private func print(_ report: RunReport) throws {
    if options.json {
      try FileHandle.standardOutput.write(contentsOf: report.json())
    } else {
      Swift.print(report.table)
    }
  }

  private func end(_ result: TrainingRun.Result, folder: String) throws {
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
        "\(absence(result)); --resume \(folder) goes on with new ones")
    case .stopped:
      guard let signal = result.signal else { return }
      throw Failure.exit(
        signal.exitStatus,
        "stopped by \(signal.name) after \(result.report.steps) steps; --resume \(folder) goes on")
    }
  }

  private func absence(_ result: TrainingRun.Result) -> String {
    guard result.workersMayCome else {
      return "all workers have ended before the training was complete, see their messages above"
    }
    let (least, time) = (options.policy.minWorkers, options.policy.waitForWorkers)
    let wait = time == time.rounded() ? "\(Int(time)) s" : "\(time) s"
    return least == 1 ? "no worker came for \(wait)" : "fewer than \(least) workers for \(wait)"
  }
}
