internal import Bytes

/// Log of the events of a schedule. Lines are formatted only on request: a schedule that fails is
/// run a second time with logging enabled.
struct EventLog: Sendable {
  /// Whether lines are stored.
  let isKept: Bool
  private(set) var lines: [String] = []

  init(isKept: Bool) {
    self.isKept = isKept
  }

  /// Appends a line with the time at which it happened.
  mutating func append(_ time: Microseconds, _ text: @autoclosure () -> String) {
    guard isKept else { return }
    lines.append("\(Self.text(of: time)) \(text())")
  }

  /// FNV-1a hash of all lines.
  var fingerprint: UInt64 {
    var digest = FNV1a()
    for line in lines { digest.combine("\(line)\n".utf8) }
    return digest.value
  }

  /// Returns a time in seconds with six decimals.
  static func text(of time: Microseconds) -> String {
    let fraction = String(time % 1_000_000)
    let zeros = String(repeating: "0", count: 6 - fraction.count)
    return "\(time / 1_000_000).\(zeros)\(fraction)"
  }
}
