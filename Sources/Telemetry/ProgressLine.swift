package import Coordination
import Numerics
import Wire

/// The progress of a run in one line of text: rewritten in place on a terminal, printed every so
/// often elsewhere.
package struct ProgressLine: Sendable {
  /// Where the lines go.
  package enum Style: Sendable, Equatable {
    /// A terminal of so many columns: one line, rewritten ten times a second.
    case live(columns: Int)
    /// Anything else: a line every five seconds.
    case plain
  }

  private let style: Style
  private var lastShown: Moment?

  /// A progress line of this style.
  package init(style: Style) {
    self.style = style
  }

  /// The text that shows where the run stands; where `columns` are too few for all of it, the parts
  /// that matter least are left out.
  package static func text(_ progress: RunProgress, columns: Int = .max) -> String {
    guard let step = progress.latest else {
      return progress.workers == 0
        ? "waiting for workers" : "\(workers(progress.workers)), waiting for the first update"
    }
    var parts: [(text: String, weight: Int)] = [
      ("step \(step.step)/\(step.steps)", 7), ("epoch \(step.epoch + 1)", 1),
      ("loss " + Formatting.fixed(step.sums.meanLoss, 4), 6),
      ("acc " + Formatting.percent(step.sums.accuracy), 4),
    ]
    if let validation = progress.evaluations[.validation] {
      parts.append(("val " + Formatting.percent(validation.result.accuracy), 0))
    }
    parts.append((Formatting.grouped(progress.currentSamplesPerSecond) + " samples/s", 5))
    if let left = progress.timeLeft { parts.append((Formatting.time(left) + " left", 3)) }
    parts.append((workers(progress.workers), 2))
    return joined(parts, columns: columns)
  }

  private static func joined(_ parts: [(text: String, weight: Int)], columns: Int) -> String {
    var parts = parts
    while parts.map(\.text.count).reduce(2 * (parts.count - 1), +) > columns,
      let lightest = parts.indices.min(by: { parts[$0].weight < parts[$1].weight }),
      parts.count > 1
    {
      parts.remove(at: lightest)
    }
    return parts.map(\.text).joined(separator: "  ")
  }

  /// What to write now, line ends and control codes included; nil if it is too early for more.
  package mutating func refresh(_ progress: RunProgress, at now: Moment) -> String? {
    let pause: Duration = style == .plain ? .seconds(5) : .milliseconds(100)
    if let lastShown, now.since(lastShown) < pause { return nil }
    lastShown = now
    switch style {
    case .plain: return Self.text(progress) + "\n"
    case .live(let columns):
      let width = max(columns - 1, 20)
      return "\r" + Self.text(progress, columns: width).prefix(width) + "\u{1B}[K"
    }
  }

  /// What to write before a line of another kind, so that it stands alone.
  package var interruption: String { style == .plain ? "" : "\r\u{1B}[K" }

  private static func workers(_ count: Int) -> String {
    count == 1 ? "1 worker" : "\(count) workers"
  }
}
