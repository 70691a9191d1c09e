public import Coordination

/// The clock of this process: it never goes back, whatever happens to the time of day.
public struct MonotonicClock: Sendable {
  private let start = SuspendingClock.now

  /// A clock that starts now.
  public init() {}

  /// The time since the clock started.
  public var now: Moment {
    Moment(nanoseconds: 0).advanced(by: start.duration(to: .now))
  }
}
