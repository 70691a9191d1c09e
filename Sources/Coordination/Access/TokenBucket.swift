/// A limit on the rate of events: tokens that are refilled at a constant rate up to a capacity, one
/// for each event.
package struct TokenBucket: Sendable {
  /// The number of tokens at the last refill, less those spent since; negative if more events came
  /// than there were tokens.
  package private(set) var tokens: Double
  private let capacity: Double
  private let perSecond: Double
  private var refilled: Moment?

  /// Creates a full bucket.
  package init(capacity: Double, perSecond: Double) {
    self.capacity = capacity
    self.perSecond = perSecond
    tokens = capacity
  }

  /// Adds the tokens of the time since the last refill.
  package mutating func refill(at now: Moment) {
    let elapsed = refilled.map { now.since($0).seconds } ?? 0
    tokens = min(tokens + elapsed * perSecond, capacity)
    refilled = now
  }

  /// Counts an event, also without a token.
  package mutating func spend() { tokens -= 1 }

  /// Takes a token for an event.
  ///
  /// - Returns: false if there is none.
  package mutating func take(at now: Moment) -> Bool {
    refill(at: now)
    guard tokens >= 1 else { return false }
    spend()
    return true
  }

  /// Returns the time at which a refill brings the tokens to `count`; nil before the first one.
  package func time(ofRefillTo count: Double) -> Moment? {
    refilled?.advanced(by: .seconds(max(0, (count - tokens) / perSecond)))
  }
}
