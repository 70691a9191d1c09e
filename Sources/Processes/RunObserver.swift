import Coordination
import Telemetry

/// What happens beside a server while it runs: metrics, curves, and the workers of this host.
final class RunObserver: ServerObserver {
  private(set) var progress = RunProgress()
  private let run: TrainingRun
  private let metrics: MetricsLog
  private let board: TensorBoardLog
  private let cluster: LocalCluster?

  /// An observer for `run`.
  init(_ run: TrainingRun, metrics: MetricsLog, board: TensorBoardLog, cluster: LocalCluster?) {
    self.run = run
    self.metrics = metrics
    self.board = board
    self.cluster = cluster
  }

  func observe(_ report: Report, at now: Moment) {
    progress.note(report, at: now)
    run.observe(report, at: now, metrics)
    board.note(report, progress: progress, at: now)
  }

  func writeDown(_ state: ServerState) {}

  func turn(at now: Moment) -> [ServerCore.Event] {
    run.write(board) { try $0.flushIfDue(at: now) }
    run.audience.progress(progress, now)
    return cluster?.check() == nil ? [] : [.workersExhausted]
  }
}
