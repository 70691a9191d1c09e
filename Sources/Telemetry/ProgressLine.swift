package import Coordination
import Numerics
import Wire

/// The progress of a run in one line of text: rewritten in place on a terminal, printed every few
/// seconds elsewhere.
///
/// Epochs are counted from 0, as in the metrics file.
package struct ProgressLine: Sendable {
  /// The kind of output.
  package enum Style: Sendable, Equatable {
    /// A terminal of this width: one line, rewritten ten times a second.
    case live(columns: Int)
    /// Any other output: a line every five seconds.
    case plain
  }

  private let style: Style
  private var lastShown: Moment?

  /// Creates a progress line of this style.
  package init(style: Style) {
    self.style = style
  }

  /// Returns the text for the state of a run. The least important parts are omitted if the text is
  /// wider than `columns`.
  package static func text(_ progress: RunProgress, columns: Int = .max) -> String {
    guard let step = progress.latest else {
      let present = workers(progress.workers)
      if let evaluation = progress.evaluation { return "\(text(evaluation))  \(present)" }
      return progress.workers == 0
        ? "waiting for workers" : "\(present), waiting for the first update"
    }
    var parts = [Part("step \(step.step)/\(step.steps)", 7)]
    parts += progress.evaluation.map { [Part(text($0), 6)] } ?? training(progress, step)
    parts.append(Part(workers(progress.workers), 2))
    return joined(parts, columns: columns)
  }

  /// A part of the line; those of lower weight are omitted first.
  private struct Part {
    let text: String
    let weight: Int

    init(_ text: String, _ weight: Int) { (self.text, self.weight) = (text, weight) }
  }

  private static func training(_ progress: RunProgress, _ step: StepReport) -> [Part] {
    var parts = [
      Part("epoch \(step.epoch)", 1), Part("loss " + Formatting.fixed(step.sums.meanLoss, 4), 6),
      Part("acc " + Formatting.percent(step.sums.accuracy), 4),
    ]
    if let validation = progress.evaluations[.validation] {
      parts.append(Part("val " + Formatting.percent(validation.result.accuracy), 0))
    }
    let speed = Formatting.grouped(progress.currentSamplesPerSecond)
    parts.append(Part(speed + " samples/s", 5))
    if let left = progress.timeLeft { parts.append(Part(Formatting.time(left) + " left", 3)) }
    return parts
  }

  private static func text(_ evaluation: EvaluationProgress) -> String {
    "evaluating \(evaluation.split) \(Formatting.grouped(evaluation.done))"
      + "/\(Formatting.grouped(evaluation.total))"
  }

  private static func joined(_ parts: [Part], columns: Int) -> String {
    var parts = parts
    while parts.map(\.text.count).reduce(2 * (parts.count - 1), +) > columns,
      let lightest = parts.indices.min(by: { parts[$0].weight < parts[$1].weight }),
      parts.count > 1
    {
      parts.remove(at: lightest)
    }
    return parts.map(\.text).joined(separator: "  ")
  }

  /// Returns the text to write now, with line ends and control codes, or nil if the next one is not
  /// due.
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

  /// The text to write before any other line, which removes a live progress line.
  package var interruption: String { style == .plain ? "" : "\r\u{1B}[K" }

  private static func workers(_ count: Int) -> String {
    count == 1 ? "1 worker" : "\(count) workers"
  }
}
