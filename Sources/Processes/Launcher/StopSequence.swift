import Coordination

/// The course of a stop that a signal has requested: the server receives the signal and has a grace
/// period to write its last checkpoint and exit; a second signal shortens that period.
struct StopSequence {
  /// The pause after the first signal within which others are ignored. GNU `timeout` signals its
  /// child and then the whole process group, which is one request; so is a key that is hit twice.
  static let repeatPause = Duration.seconds(1)
  /// The time that a second signal leaves to the server, enough to write a checkpoint.
  static let shortGrace = Duration.seconds(2)

  /// The effect of a further signal.
  enum Effect {
    /// None.
    case ignored
    /// The signal is forwarded to the server, as the first one was.
    case forwarded
    /// Workers are killed, and the server has less time.
    case hastened
  }

  /// The signal that the stop is attributed to.
  private(set) var signal: SignalDescriptor.Signal
  /// Whether a second signal has shortened the grace period.
  private(set) var isHastened = false
  /// The time that the server had to exit.
  private(set) var grace: Duration
  private var began: Moment
  private var deadline: Moment

  /// Creates the sequence that `signal` begins.
  init(_ signal: SignalDescriptor.Signal, grace: Duration, at now: Moment) {
    self.signal = signal
    self.grace = grace
    began = now
    deadline = now.advanced(by: grace)
  }

  /// Records a further signal. A terminal that closes may send SIGHUP more than once, and SIGHUP
  /// is no sign of impatience: it never shortens the grace period, and what follows it does not
  /// either.
  mutating func take(_ signal: SignalDescriptor.Signal, at now: Moment) -> Effect {
    guard signal != .hangUp, !isHastened else { return .ignored }
    if self.signal == .hangUp {
      self.signal = signal
      began = now
      return .forwarded
    }
    guard now.since(began) >= Self.repeatPause else { return .ignored }
    self.signal = signal
    isHastened = true
    grace = Self.shortGrace
    deadline = min(deadline, now.advanced(by: grace))
    return .hastened
  }

  /// Whether the server had its time and must be killed if it still runs.
  func isExpired(at now: Moment) -> Bool { now >= deadline }
}
