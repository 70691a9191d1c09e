package import Coordination

/// The clock of this process: it never goes back, whatever happens to the time of day.
package struct MonotonicClock: Sendable {
  private let start = SuspendingClock.now

  /// A clock that starts now.
  package init() {}

  /// The time since the clock started.
  package var now: Moment {
    Moment(nanoseconds: 0).advanced(by: start.duration(to: .now))
  }
}
