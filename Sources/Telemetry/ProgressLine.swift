public import Coordination
import Wire

/// The progress of a run in one line of text: rewritten in place on a terminal, printed every so
/// often elsewhere.
public struct ProgressLine: Sendable {
  /// Where the lines go.
  public enum Style: Sendable, Equatable {
    /// A terminal of so many columns: one line, rewritten ten times a second.
    case live(columns: Int)
    /// Anything else: a line every five seconds.
    case plain
  }

  private let style: Style
  private var lastShown: Moment?

  /// A progress line of this style.
  public init(style: Style) {
    self.style = style
  }

  /// The text that shows where the run stands.
  public static func text(_ progress: RunProgress) -> String {
    guard let step = progress.latest else {
      return progress.workers == 0
        ? "waiting for workers" : "\(workers(progress.workers)), waiting for the first update"
    }
    var parts = [
      "step \(step.step)/\(step.steps)", "epoch \(step.epoch + 1)",
      "loss " + Formatting.fixed(step.sums.meanLoss, 4),
      "accuracy " + Formatting.percent(step.sums.accuracy),
    ]
    if let validation = progress.evaluations[.validation] {
      parts.append("validation " + Formatting.percent(validation.result.accuracy))
    }
    parts.append(Formatting.grouped(progress.currentSamplesPerSecond) + " samples/s")
    if let left = progress.timeLeft { parts.append(Formatting.time(left) + " left") }
    parts.append(workers(progress.workers))
    return parts.joined(separator: "  ")
  }

  /// What to write now, line ends and control codes included; nil if it is too early for more.
  public mutating func refresh(_ progress: RunProgress, at now: Moment) -> String? {
    let pause: Duration = style == .plain ? .seconds(5) : .milliseconds(100)
    if let lastShown, now.since(lastShown) < pause { return nil }
    lastShown = now
    let text = Self.text(progress)
    switch style {
    case .plain: return text + "\n"
    case .live(let columns): return "\r" + text.prefix(max(columns - 1, 20)) + "\u{1B}[K"
    }
  }

  /// What to write before a line of another kind, so that it stands alone.
  public var interruption: String { style == .plain ? "" : "\r\u{1B}[K" }

  private static func workers(_ count: Int) -> String {
    count == 1 ? "1 worker" : "\(count) workers"
  }
}
