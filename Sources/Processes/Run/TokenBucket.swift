import Coordination

/// A limit on the rate of events that peers cause, such as log lines: a burst, then so many a
/// second. Events without a token are counted.
struct TokenBucket: Sendable {
  private let capacity: Double
  private let perSecond: Double
  private var tokens: Double
  private var last: Moment?
  private var suppressed: UInt64 = 0

  /// Creates a full bucket of `capacity` tokens, which is refilled at a constant rate.
  init(capacity: Double = 10, perSecond: Double = 1) {
    self.capacity = capacity
    self.perSecond = perSecond
    tokens = capacity
  }

  /// Takes a token for an event.
  ///
  /// - Returns: the number of events suppressed since the last call that had a token, or nil if
  ///   this event is suppressed as well.
  mutating func take(at now: Moment) -> UInt64? {
    guard takeToken(at: now) else {
      suppressed += 1
      return nil
    }
    defer { suppressed = 0 }
    return suppressed
  }

  /// Takes a token to report the suppressed events.
  ///
  /// - Returns: their number; nil if there are none, or no token.
  mutating func takeSuppressed(at now: Moment) -> UInt64? {
    guard suppressed > 0 else { return nil }
    guard takeToken(at: now) else { return nil }
    defer { suppressed = 0 }
    return suppressed
  }

  private mutating func takeToken(at now: Moment) -> Bool {
    if let last { tokens = min(tokens + now.since(last).seconds * perSecond, capacity) }
    last = now
    guard tokens >= 1 else { return false }
    tokens -= 1
    return true
  }
}
