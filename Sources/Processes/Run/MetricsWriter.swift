import Coordination
import Logging
import Storage
import Synchronization
import Telemetry

/// Writes the metrics and the curves of a run in a thread of its own, so that the server never
/// waits for the disk.
///
/// Its queue is bounded; reports that find no room, and records that cannot be written for too
/// long, are dropped, counted and logged.
final class MetricsWriter: Sendable {
  /// The work of the thread.
  private enum Item: Sendable {
    /// Adds a report; the progress includes it.
    case report(Report, RunProgress, Moment)
    /// Writes what is buffered if a second has passed.
    case tick(Moment)
    /// Writes what is buffered.
    case flush
    /// Logs the number of reports that were dropped.
    case dropped(Int)
  }

  /// Limit on the reports that wait: about half a minute of a fast run.
  private static let capacity = 1 << 16

  private let queue: BackgroundQueue<Item>

  /// Creates a writer; failures are logged.
  init(_ metrics: sending MetricsLog, _ curves: sending TensorBoardLog, logger: Logger) {
    let files = MetricsFiles(metrics, curves, logger: logger)
    var behavior = BackgroundQueue<Item>.Behavior(capacity: Self.capacity) { .dropped($0) }
    behavior.merge = {
      if case .tick = $0, case .tick = $1 { $1 } else { nil }
    }
    behavior.isUrgent = { if case .report = $0 { false } else { true } }
    queue = BackgroundQueue("metrics", behavior) { item in
      switch item {
      case .report(let report, let progress, let now):
        files.add(report, progress, at: now)
      case .tick(let now): files.flush(dueAt: now)
      case .flush: files.flush(dueAt: nil)
      case .dropped(let count):
        logger.warning("reports dropped from metrics and curves", metadata: ["count": "\(count)"])
      }
    }
  }

  /// Adds a report, which `progress` already includes.
  func receive(_ report: Report, _ progress: RunProgress, at now: Moment) {
    switch report {
    case .stepped, .evaluated, .differed: queue.put(.report(report, progress, now))
    default: break
    }
  }

  /// Writes what is buffered about once a second.
  func tick(at now: Moment) { queue.put(.tick(now)) }

  /// Writes everything received so far, and waits for it.
  func flush() {
    queue.put(.flush, isEssential: true)
    queue.flush()
  }
}

/// The files of a ``MetricsWriter``, which its thread uses.
private final class MetricsFiles: Sendable {
  private struct Files {
    let metrics: MetricsLog
    let curves: TensorBoardLog
    /// The files whose last write failed.
    var failing: Set<String> = []
  }

  private let files: Mutex<Files>
  private let logger: Logger

  init(_ metrics: sending MetricsLog, _ curves: sending TensorBoardLog, logger: Logger) {
    files = Mutex(Files(metrics: metrics, curves: curves))
    self.logger = logger
  }

  func add(_ report: Report, _ progress: RunProgress, at now: Moment) {
    files.withLock {
      $0.metrics.note(report, at: now)
      $0.curves.note(report, progress: progress, at: now)
    }
  }

  /// Writes what is buffered, or only what is due at a time.
  func flush(dueAt now: Moment?) {
    files.withLock { files in
      let (metrics, curves) = (files.metrics, files.curves)
      attempt("metrics", &files.failing, dropped: metrics.takeDropped) {
        if let now { try metrics.flushIfDue(at: now) } else { try metrics.flush() }
      }
      attempt("curves", &files.failing, dropped: curves.takeDropped) {
        if let now { try curves.flushIfDue(at: now) } else { try curves.flush() }
      }
    }
  }

  /// Runs `work`; logs its first failure in a row, and the number of dropped records at its end.
  private func attempt(
    _ name: String, _ failing: inout Set<String>, dropped: () -> UInt64, _ work: () throws -> Void
  ) {
    do {
      try work()
      guard failing.remove(name) != nil else { return }
      logger.info(
        "\(name) are written again", metadata: ["records.dropped": "\(dropped())"])
    } catch {
      guard failing.insert(name).inserted else { return }
      logger.error(
        "\(name) cannot be written", metadata: ["error": "\(SystemReason.text(of: error))"])
    }
  }
}
