import Coordination

/// A limit on the rate of log lines that peers cause: a burst, then so many a second. The lines
/// without a token are counted.
struct LogBudget: Sendable {
  private var bucket: TokenBucket
  private var suppressed: UInt64 = 0

  /// Creates a budget of `capacity` lines at once, and of `perSecond` for a long time.
  init(capacity: Double = 10, perSecond: Double = 1) {
    bucket = TokenBucket(capacity: capacity, perSecond: perSecond)
  }

  /// Takes a token for a line.
  ///
  /// - Returns: the number of lines suppressed since the last call that had a token, or nil if this
  ///   line is suppressed as well.
  mutating func take(at now: Moment) -> UInt64? {
    guard bucket.take(at: now) else {
      suppressed += 1
      return nil
    }
    defer { suppressed = 0 }
    return suppressed
  }

  /// Takes a token to report the suppressed lines.
  ///
  /// - Returns: their number; nil if there are none, or no token.
  mutating func takeSuppressed(at now: Moment) -> UInt64? {
    guard suppressed > 0, bucket.take(at: now) else { return nil }
    defer { suppressed = 0 }
    return suppressed
  }
}
