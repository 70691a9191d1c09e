/// The times at which checkpoints are written, and which state is known to be on disk.
///
/// A requested state counts as written once the writer has confirmed it. A write that fails is
/// repeated with the state of then, after a short time.
struct CheckpointSchedule: Sendable {
  /// A state of the run.
  private struct Mark: Comparable, Sendable {
    let version: UInt64
    let isEvaluated: Bool

    static func < (left: Mark, right: Mark) -> Bool {
      (left.version, left.isEvaluated ? 1 : 0) < (right.version, right.isEvaluated ? 1 : 0)
    }
  }

  /// The longest time from a failed write to the next request.
  private static let maximumRetryDelay = Duration.seconds(10)

  private let interval: CheckpointInterval
  /// The last state that is known to be on disk.
  private var stored: Mark
  /// The last requested state, which need not be on disk.
  private var requested: Mark
  /// Whether the outcome of the last request is not known.
  private(set) var isWriting = false
  private var lastRequest: Moment?
  /// Time of the next request after a failed write; nil if the last write has not failed.
  private var retry: Moment?

  /// Creates a schedule for a run whose state on disk is the given one.
  init(interval: CheckpointInterval, version: UInt64, isEvaluated: Bool) {
    self.interval = interval
    stored = Mark(version: version, isEvaluated: isEvaluated)
    requested = stored
  }

  /// Returns whether a checkpoint of weights of this version is due.
  ///
  /// The first call starts the time of an interval.
  mutating func isDue(version: UInt64, at now: Moment) -> Bool {
    let last = lastRequest ?? now
    lastRequest = last
    if let retry { return version > stored.version && now >= retry }
    guard version > requested.version else { return false }
    return switch interval {
    case .steps(let count): version / max(count, 1) > requested.version / max(count, 1)
    case .time(let duration): now.since(last) >= duration
    case .never: false
    }
  }

  /// Records a request for a checkpoint.
  ///
  /// - Returns: false if this state is on disk or being written; the request is then unnecessary.
  mutating func request(version: UInt64, isEvaluated: Bool, at now: Moment) -> Bool {
    let mark = Mark(version: version, isEvaluated: isEvaluated)
    guard mark != stored, !isWriting || mark != requested else { return false }
    requested = mark
    isWriting = true
    lastRequest = now
    retry = nil
    return true
  }

  /// Records the outcome of a requested write. The failure of a write that was followed by another
  /// request has no effect.
  mutating func confirm(version: UInt64, isEvaluated: Bool, succeeded: Bool, at now: Moment) {
    let mark = Mark(version: version, isEvaluated: isEvaluated)
    if succeeded { stored = max(stored, mark) }
    guard isWriting, mark == requested else { return }
    isWriting = false
    retry = succeeded ? nil : now.advanced(by: retryDelay)
  }

  private var retryDelay: Duration {
    if case .time(let duration) = interval {
      min(duration, Self.maximumRetryDelay)
    } else {
      Self.maximumRetryDelay
    }
  }
}
