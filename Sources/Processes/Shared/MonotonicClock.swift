import CLinux
package import Coordination
import Foundation
import Synchronization

/// The clock of this process. It never goes back, and it does not count the time during which the
/// process was stopped by SIGSTOP or job control: a process that could not read its messages must
/// not conclude that its peers were silent.
///
/// Create one for each process. Stops are detected by the SIGCONT that ends them, once a
/// ``SignalDescriptor`` has blocked that signal; up to one interval between two readings is lost
/// with each stop.
package final class MonotonicClock: Sendable {
  private struct Reading {
    var last = SuspendingClock.now
    var elapsed = Duration.zero
  }

  private let reading = Mutex(Reading())
  private let continuation: Int32

  /// Creates a clock that starts now.
  package init() {
    continuation = csignals_open_continuation()
  }

  deinit {
    if continuation >= 0 { close(continuation) }
  }

  /// The time since the clock started, without stops.
  package var now: Moment {
    let elapsed = reading.withLock { reading in
      var instant = SuspendingClock.now
      // Tested after each reading: a stop at any place before the test is detected by it.
      while wasContinued {
        reading.last = .now
        instant = .now
      }
      reading.elapsed += reading.last.duration(to: instant)
      reading.last = instant
      return reading.elapsed
    }
    return Moment(nanoseconds: 0).advanced(by: elapsed)
  }

  /// Whether the process was continued since this was last read.
  private var wasContinued: Bool { csignals_next(continuation) > 0 }
}
