/// Bandwidth of one direction of a worker's link as a function of time: a usual value, and at most
/// one other value for a limited time.
struct LinkRate: Sendable, Equatable {
  /// Bytes per second; nil for no limit.
  let usual: Int?
  private var other: (bytesPerSecond: Int, end: Microseconds)?

  /// Creates a rate without changes.
  init(_ usual: Int? = nil) { self.usual = usual }

  static func == (left: LinkRate, right: LinkRate) -> Bool {
    left.usual == right.usual && left.other?.bytesPerSecond == right.other?.bytesPerSecond
      && left.other?.end == right.other?.end
  }

  /// Whether the bandwidth is limited at a time or later.
  func isLimited(from time: Microseconds) -> Bool { usual != nil || time < other?.end ?? 0 }

  /// Limits the bandwidth until a given time; 0 stalls the link. Replaces a former limit.
  mutating func limit(to bytesPerSecond: Int, until end: Microseconds) {
    other = (min(bytesPerSecond, usual ?? .max), end)
  }

  /// Ends a limit.
  mutating func endLimit() { other = nil }

  /// Returns the time at which the last of `bytes` is transmitted, if the first one starts at
  /// `start`; rounded up.
  func end(of bytes: Int, from start: Microseconds) -> Microseconds {
    guard let (rate, end) = other, start < end else { return Self.end(bytes, start, usual) }
    let possible = (end - start) * rate / 1_000_000
    guard bytes > possible else { return Self.end(bytes, start, rate) }
    return Self.end(bytes - possible, end, usual)
  }

  /// Returns the number of bytes that are transmitted in a period.
  func bytes(from start: Microseconds, to time: Microseconds) -> Int {
    guard start < time else { return 0 }
    guard let (rate, end) = other, start < end else { return Self.bytes(time - start, usual) }
    guard end < time else { return (time - start) * rate / 1_000_000 }
    let (sum, overflow) = ((end - start) * rate / 1_000_000)
      .addingReportingOverflow(Self.bytes(time - end, usual))
    return overflow ? .max : sum
  }

  private static func end(_ bytes: Int, _ start: Microseconds, _ rate: Int?) -> Microseconds {
    guard let rate, bytes > 0 else { return start }
    return start + (bytes * 1_000_000 + rate - 1) / max(rate, 1)
  }

  private static func bytes(_ span: Microseconds, _ rate: Int?) -> Int {
    rate.map { span * $0 / 1_000_000 } ?? .max
  }
}
