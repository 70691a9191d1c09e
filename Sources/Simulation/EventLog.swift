/// What happened in a schedule, line by line. Lines are made only when somebody wants them: a
/// schedule that fails is run once more, and tells then.
struct EventLog: Sendable {
  /// Whether lines are made.
  let isKept: Bool
  private(set) var lines: [String] = []

  init(isKept: Bool) {
    self.isKept = isKept
  }

  /// Adds a line.
  mutating func note(_ time: Microseconds, _ text: @autoclosure () -> String) {
    guard isKept else { return }
    lines.append("\(Self.text(of: time)) \(text())")
  }

  /// A number that differs when any byte of the lines differs.
  var fingerprint: UInt64 {
    var digest = Digest()
    for line in lines { digest.add("\(line)\n".utf8) }
    return digest.value
  }

  /// Seconds with six decimals.
  static func text(of time: Microseconds) -> String {
    let fraction = String(time % 1_000_000)
    let zeros = String(repeating: "0", count: 6 - fraction.count)
    return "\(time / 1_000_000).\(zeros)\(fraction)"
  }
}
