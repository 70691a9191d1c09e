import Coordination

/// A time or duration on the simulation's own clock, which the simulated processes cannot read.
typealias Microseconds = Int

extension Microseconds {
  static func milliseconds(_ count: Int) -> Microseconds { count * 1000 }
  static func seconds(_ count: Int) -> Microseconds { count * 1_000_000 }
}

/// The clock of one process, which has an arbitrary start and may be adjusted.
struct ProcessClock: Sendable {
  private var offset: Microseconds

  /// Creates a clock that shows `start` at the start of the simulation; the value must leave room
  /// for backward adjustments.
  init(start: Microseconds) {
    offset = start
  }

  /// Returns the reading of the clock at a simulation time.
  func read(at time: Microseconds) -> Moment {
    Moment(nanoseconds: UInt64(max(time + offset, 0)) * 1000)
  }

  /// Returns the simulation time at which the clock reads `moment`.
  func time(of moment: Moment) -> Microseconds {
    Microseconds(min(moment.nanoseconds / 1000, 1 << 60)) - offset
  }

  /// Sets the clock forward, or back if `span` is negative.
  mutating func jump(by span: Microseconds) { offset += span }
}
