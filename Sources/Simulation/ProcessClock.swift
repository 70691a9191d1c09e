import Coordination

/// A time, or a span of it, on the simulation's own clock: the one that nobody in it can read.
typealias Microseconds = Int

extension Microseconds {
  static func milliseconds(_ count: Int) -> Microseconds { count * 1000 }
  static func seconds(_ count: Int) -> Microseconds { count * 1_000_000 }
}

/// The clock that one process reads. It began at some time of its own, and may jump.
struct ProcessClock: Sendable {
  private var offset: Microseconds

  /// A clock that shows `start` when the simulation begins; late enough for jumps backward.
  init(start: Microseconds) {
    offset = start
  }

  /// What the clock shows.
  func read(at time: Microseconds) -> Moment {
    Moment(nanoseconds: UInt64(max(time + offset, 0)) * 1000)
  }

  /// When the clock will show `moment`.
  func time(of moment: Moment) -> Microseconds {
    Microseconds(min(moment.nanoseconds / 1000, 1 << 60)) - offset
  }

  /// The clock is set forward, or back.
  mutating func jump(by span: Microseconds) { offset += span }
}
