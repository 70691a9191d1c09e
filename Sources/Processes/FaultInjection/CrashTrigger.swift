import Foundation
import Synchronization

/// A counter of a worker's visits to its crash point, which crashes the process at the given one.
final class CrashTrigger: Sendable {
  private let point: CrashPoint?
  private let visits = Atomic<Int>(0)
  private let crash: @Sendable () -> Void

  /// Creates a trigger for `point`; nil never crashes.
  ///
  /// - Parameter crash: ends the process, with SIGKILL unless a test replaces it.
  init(
    at point: CrashPoint?, crash: @escaping @Sendable () -> Void = { kill(getpid(), SIGKILL) }
  ) {
    self.point = point
    self.crash = crash
  }

  /// Counts a visit to a place, and crashes if it is the one to crash at.
  func pass(_ place: CrashPoint.Place) {
    guard let point, point.place == place else { return }
    guard visits.add(1, ordering: .relaxed).newValue == point.visit else { return }
    crash()
  }
}
