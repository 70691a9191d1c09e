import Coordination
import Telemetry

/// What happens beside a server while it runs: metrics, curves and checkpoints.
final class RunObserver: ServerObserver {
  private(set) var progress: RunProgress
  private let run: TrainingRun
  private let metrics: MetricsLog
  private let board: TensorBoardLog
  private let writer: CheckpointWriter

  /// An observer for `run`, which has come as far as `progress` says.
  init(
    _ run: TrainingRun, _ progress: RunProgress, metrics: MetricsLog, board: TensorBoardLog,
    writer: CheckpointWriter
  ) {
    self.run = run
    self.progress = progress
    self.metrics = metrics
    self.board = board
    self.writer = writer
  }

  func observe(_ report: Report, at now: Moment) {
    progress.note(report, at: now)
    run.observe(report, at: now, metrics)
    board.note(report, progress: progress, at: now)
  }

  /// Metrics and curves go first: a checkpoint never tells of steps that they do not have.
  func writeDown(_ state: ServerState) {
    run.write(metrics) { try $0.flush() }
    run.write(board) { try $0.flush() }
    writer.put(state)
  }

  func turn(at now: Moment) -> [ServerCore.Event] {
    run.write(board) { try $0.flushIfDue(at: now) }
    run.tell(writer.takeOutcomes())
    run.audience.progress(progress, now)
    return []
  }
}
