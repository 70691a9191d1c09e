import Coordination
import Learning
import Storage
import Telemetry
import Wire

/// The recorder of a run: it writes what a server reports to the metrics, the curves, the
/// checkpoints and the display.
///
/// Threads of their own write the files. Failed writes of metrics, curves and checkpoints are
/// logged and do not end the run.
final class RunRecorder: ServerOutput {
  /// The state of the run, including what a resumed run did before.
  private(set) var progress: RunProgress
  let display: RunDisplay
  /// The receiver of the state of the run.
  var supervision: Supervision?
  private let secondsBefore: Double
  private let start: Moment
  private let metrics: MetricsWriter
  private let writer: CheckpointWriter
  /// The outcomes of checkpoints that the server has not taken yet.
  private var outcomes: [CheckpointOutcome] = []
  /// The limit on log lines that strangers cause.
  var strangers = LogBudget()
  /// The limit on log lines about workers that join and leave.
  var arrivals = LogBudget(capacity: 1000, perSecond: 2)

  /// Creates a recorder, and the files that it writes.
  ///
  /// - Parameters:
  ///   - facts: names and values to show with the settings in the curves.
  ///   - plan: the batches of the run.
  ///   - reserve: descriptors for checkpoints.
  ///   - now: the time at which the server starts.
  /// - Throws: a ``StorageError`` if a file cannot be created.
  init(
    _ run: RunStart, dataset: Dataset, facts: [(name: String, value: String)], plan: BatchPlan,
    display: RunDisplay, reserve: DescriptorReserve, at now: Moment
  ) throws {
    self.display = display
    start = now
    let folder = run.folder
    let curves = try folder.creating(folder.path, "making the event files") {
      try TensorBoardLog(
        folder: folder.path, settings: run.settings, facts: facts,
        resumed: run.state.optimizer.step, start: now)
    }
    let history = try run.truncateMetrics(plan)
    (progress, secondsBefore) = (history.progress, history.seconds)
    let log = try folder.creating(folder.metrics, "writing") {
      run.isResumed
        ? try MetricsLog(resuming: folder.metrics, start: now, elapsed: history.seconds)
        : try MetricsLog(path: folder.metrics, start: now)
    }
    metrics = MetricsWriter(log, curves, logger: display.logger)
    // Metrics and curves are written first, so that they include every step of the checkpoint.
    writer = CheckpointWriter { [checkpoints = run.checkpoints, metrics] state in
      metrics.flush()
      return try reserve.lend { try checkpoints.write(Checkpoint(state, dataset: dataset)) }
    }
  }

  func receive(_ report: Report, at now: Moment) {
    progress.note(report, at: now)
    metrics.receive(report, progress, at: now)
    log(report, at: now)
  }

  func checkpoint(_ state: ServerState) { writer.put(state) }

  func takeCheckpointOutcomes() -> [CheckpointOutcome] {
    logCheckpoints()
    defer { outcomes = [] }
    return outcomes
  }

  func tick(at now: Moment) {
    metrics.tick(at: now)
    logCheckpoints()
    if let suppressed = strangers.takeSuppressed(at: now) { logSuppressed(suppressed) }
    if let suppressed = arrivals.takeSuppressed(at: now) { logSuppressed(suppressed) }
    display.progress(progress, now)
  }

  func turned(_ status: RunStatus, at now: Moment) { supervision?.turned(status, at: now) }

  /// Writes everything that is buffered, and waits for the last checkpoint.
  func finish() {
    writer.finish()
    logCheckpoints()
    metrics.flush()
  }

  /// Seconds of the run until `now`, including those of earlier servers.
  func seconds(at now: Moment) -> Double { secondsBefore + now.since(start).seconds }

  /// Logs the outcomes of checkpoints, and keeps them for ``takeCheckpointOutcomes()``.
  private func logCheckpoints() {
    for outcome in writer.takeOutcomes() {
      log(outcome)
      outcomes.append(outcome.summary)
    }
  }
}

extension RunFolder {
  /// Runs `work`, which creates a file; an error of the file system is thrown with its path.
  fileprivate func creating<Value>(
    _ path: String, _ operation: String, _ work: () throws -> Value
  ) throws(FileError) -> Value {
    do {
      return try work()
    } catch {
      throw .unwritable(
        path: path, operation: operation, reason: SystemReason.text(of: error))
    }
  }
}

extension RunStart {
  /// Removes the lines of the metrics file that are newer than the checkpoint, and returns the
  /// others.
  fileprivate func truncateMetrics(_ plan: BatchPlan) throws(FileError) -> MetricsHistory {
    guard isResumed else { return MetricsHistory() }
    let content: [UInt8]
    do {
      content = try InputFile.read(path: folder.metrics, limit: 1 << 33)
    } catch .notFound {
      content = []
    }
    let history = MetricsHistory(content, upTo: state, steps: plan.steps)
    try AtomicFile.write(Array(history.text.utf8), to: folder.metrics)
    return history
  }
}
