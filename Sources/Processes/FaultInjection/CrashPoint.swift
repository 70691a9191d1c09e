/// A point at which a worker kills itself: fault injection, to test that a run completes without
/// the worker.
package struct CrashPoint: Hashable, Sendable {
  /// A place in a worker's code.
  package enum Place: String, CaseIterable, Sendable {
    /// Before a hello is sent.
    case hello
    /// After the server's welcome is received.
    case welcome
    /// After a lease is received.
    case grant
    /// After new weights are loaded.
    case load
    /// After a lease is computed, before the socket thread has its result.
    case computed
    /// After a result is passed to the socket; the server may receive it or not.
    case push
  }

  /// The place.
  package let place: Place
  /// The visit to the place at which the worker crashes, counted from 1.
  package let visit: Int

  /// Creates the point that a text names: a place, with `:N` for a visit other than the first.
  package init?(_ text: String) {
    let words = text.split(separator: ":", omittingEmptySubsequences: false)
    guard words.count <= 2, let place = words.first.flatMap({ Place(rawValue: String($0)) }),
      let visit = words.count == 2 ? Int(words[1]) : 1, visit > 0
    else { return nil }
    self.place = place
    self.visit = visit
  }
}
