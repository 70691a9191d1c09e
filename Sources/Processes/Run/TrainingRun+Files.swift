import Coordination
import Foundation
import Learning
import Logging
import Numerics
import Storage
import Telemetry
import Wire

/// What a run writes into its folder.
extension TrainingRun {
  /// Says where the server listens and what it trains: in files, and in the log.
  func announce(_ endpoint: String) throws {
    try folder.write(endpoint + "\n", to: folder.endpoint)
    let pairs = settings.pairs.map { ($0.key, $0.value) }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let json = try encoder.encode(Dictionary(uniqueKeysWithValues: pairs))
    try AtomicFile.write(Array(json) + Array("\n".utf8), to: folder.settings)
    audience.logger.info(
      "server is listening",
      metadata: [
        "server.endpoint": "\(endpoint)", "dataset.name": "\(dataset.name)",
        "recipe": "\(settings.recipe.name)",
        "mode": "\(settings.mode.rawValue)", "run": "\(folder.path)",
      ])
  }

  /// Cuts off what the metrics have of the time after the checkpoint that the run goes on from.
  func readHistory(_ plan: BatchPlan) throws(FileError) -> MetricsHistory {
    guard start.isResumed else { return MetricsHistory() }
    let content: [UInt8]
    do {
      content = try InputFile.read(path: folder.metrics, limit: 1 << 33)
    } catch .notFound {
      content = []
    }
    let history = MetricsHistory(content, upTo: start.state, steps: plan.steps)
    try AtomicFile.write(Array(history.text.utf8), to: folder.metrics)
    return history
  }

  /// Begins the metrics, or goes on with them.
  func makeMetrics(
    _ history: MetricsHistory, start moment: Moment
  ) throws(FileError) -> MetricsLog {
    try writingMetrics {
      start.isResumed
        ? try MetricsLog(resuming: folder.metrics, start: moment, elapsed: history.seconds)
        : try MetricsLog(path: folder.metrics, start: moment)
    }
  }

  /// Writes the beginning of a new run down, which makes it one that can be gone on with.
  func writeBeginning() throws {
    guard !start.isResumed else {
      audience.logger.info(
        "run goes on",
        metadata: ["run": "\(folder.path)", "step": "\(start.state.optimizer.step)"])
      return
    }
    try start.checkpoints.write(Checkpoint(start.state, dataset: dataset))
  }

  /// Writes the model and the report.
  func save(
    _ core: ServerCore, _ outcome: Outcome, _ progress: RunProgress, seconds: Double
  ) throws -> RunReport {
    try ModelFile(
      settings: settings, shape: core.optimizer.shape, dataset: dataset,
      weights: core.optimizer.weights, step: core.version
    ).write(to: folder.model)
    let report = RunReport(
      dataset: dataset.name, datasetFingerprint: dataset.fingerprint, settings: settings,
      outcome: outcome, audit: core.audit, applied: core.applied, plan: core.plan,
      progress: progress, seconds: seconds, kernels: configuration.kernels.variant.rawValue,
      model: folder.model)
    try AtomicFile.write(Array(report.json()), to: folder.report)
    return report
  }

  /// Does what writes metrics; an error names the file.
  func writingMetrics<Value>(_ work: () throws -> Value) throws(FileError) -> Value {
    do {
      return try work()
    } catch {
      throw .unwritable(
        path: folder.metrics, operation: "writing", reason: error.localizedDescription)
    }
  }
}
