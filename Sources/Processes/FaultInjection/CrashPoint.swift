import Foundation
import Synchronization

/// Where a worker kills itself: fault injection, to see how a run fares without it.
package struct CrashPoint: Hashable, Sendable {
  /// A point in a worker's life.
  package enum Place: String, CaseIterable, Sendable {
    /// Before it says hello.
    case hello
    /// When the server's welcome has come.
    case welcome
    /// When a lease has come.
    case grant
    /// When it has new weights.
    case load
    /// When a lease is computed, and before that is known to the thread of the socket.
    case computed
    /// When a result is handed to the socket; the server may get it or not.
    case push
  }

  /// The place.
  package let place: Place
  /// The time it comes there, counted from 1.
  package let visit: Int

  /// The point that a text names: a place, and `:N` for another than the first time there.
  package init?(_ text: String) {
    let words = text.split(separator: ":", omittingEmptySubsequences: false)
    guard words.count <= 2, let place = words.first.flatMap({ Place(rawValue: String($0)) }),
      let visit = words.count == 2 ? Int(words[1]) : 1, visit > 0
    else { return nil }
    self.place = place
    self.visit = visit
  }
}

/// Counts how often a worker comes to its crash point.
final class Crash: Sendable {
  private let point: CrashPoint?
  private let visits = Atomic<Int>(0)

  /// A crash at `point`, or none.
  init(at point: CrashPoint?) {
    self.point = point
  }

  /// The worker is at a place: this may be its end.
  func pass(_ place: CrashPoint.Place) {
    guard let point, point.place == place else { return }
    guard visits.add(1, ordering: .relaxed).newValue == point.visit else { return }
    kill(getpid(), SIGKILL)
  }
}
