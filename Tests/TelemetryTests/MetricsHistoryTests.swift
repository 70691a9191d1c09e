import Coordination
import Learning
import Testing
import Wire

@testable import Telemetry

@Suite struct MetricsHistoryTests {
  /// A run of 40 steps of 100 samples, evaluated every five steps, as lines of its file.
  private static let lines: [String] = (1...40).flatMap { step -> [String] in
    let number = UInt64(step)
    let time = Double(step) / 10
    let stepped = Report.stepped(
      .sample(number, of: 40, staleness: number % 3, workers: step < 20 ? 2 : 3))
    let evaluated = Report.evaluated(step: number, [.sample(.validation, correct: number)])
    return MetricsLog.lines(stepped, seconds: time)
      + (step % 5 == 0 ? MetricsLog.lines(evaluated, seconds: time) : [])
  }
  private static let content = Array((lines.joined(separator: "\n") + "\n").utf8)

  private func state(_ step: UInt64, isEvaluated: Bool = true) -> ServerState {
    let settings = TrainingSettings(recipe: .tutorial, mode: .async, seed: 1)
    let shape = ModelShape(recipe: .tutorial, height: 2, width: 2, classes: 2)
    let weights = settings.recipe.initialWeights(shape: shape, seed: 1)
    let zeros = [Float](repeating: 0, count: weights.count)
    return ServerState(
      settings: settings, dataset: "d",
      optimizer: Optimizer(
        shape: shape, weights: weights, firstMoment: zeros, secondMoment: zeros, step: step),
      applied: AppliedBatches(prefix: step, beyond: []), audit: Audit(), isEvaluated: isEvaluated)
  }

  private func history(
    _ step: UInt64, isEvaluated: Bool = true, _ content: [UInt8] = content
  ) -> MetricsHistory {
    MetricsHistory(content, upTo: state(step, isEvaluated: isEvaluated), steps: 40)
  }

  private func lines(_ history: MetricsHistory) -> [String] {
    #expect(history.text.isEmpty || history.text.hasSuffix("\n"))
    return history.text.split(separator: "\n").map(String.init)
  }

  @Test func linesAfterTheCheckpointAreRemoved() {
    #expect(lines(history(12)) == Array(Self.lines[..<14]))
    #expect(lines(history(40)) == Self.lines)
    #expect(lines(history(0)) == [])
  }

  /// The run may have returned to a step before the wrong result.
  @Test func wrongResultsAreKept() {
    let found = MetricsLog.lines(.sampleDifference(name: "bad"), seconds: 3)
    let content = (Self.lines + found).joined(separator: "\n") + "\n"
    let history = history(12, Array(content.utf8))
    #expect(lines(history) == Array(Self.lines[..<14]) + found)
    #expect(history.progress.latest?.step == 12 && history.seconds < 3)
  }

  @Test func anEvaluationThatWillBeRepeatedIsRemoved() {
    #expect(lines(history(10, isEvaluated: true)) == Array(Self.lines[..<12]))
    #expect(lines(history(10, isEvaluated: false)) == Array(Self.lines[..<11]))
  }

  @Test func theStalenessOfManyLinesDoesNotOverflow() {
    let line =
      #"{"kind":"step","step":1,"seconds":1,"epoch":0,"staleness":18446744073709551615,"#
      + #""workers":1}"# + "\n"
    let content = Array(String(repeating: line, count: 5000).utf8)
    // A run of that many steps: a million epochs of 2³² samples.
    let history = MetricsHistory(content, upTo: state(2), steps: 1_000_000 << 32)
    #expect(lines(history).count == 5000)
    #expect(history.progress.stalenessMaximum == UInt64(UInt32.max))
  }

  @Test func anIncompleteLineIsRemoved() {
    let whole = Self.lines[..<3].joined(separator: "\n") + "\n"
    for length in 1...Self.lines[3].utf8.count {
      let torn = Array((whole + Self.lines[3]).utf8.prefix(whole.utf8.count + length))
      #expect(lines(history(40, torn)) == Array(Self.lines[..<3]), "\(length) bytes")
    }
  }

  @Test func otherLinesAreOmitted() {
    let strange = [
      "", "{}", "null", "[1]", "\u{0}", #"{"kind":"step","step":3,"seconds":1}"#,
      #"{"kind":"cake","step":3,"seconds":1}"#,
      #"{"kind":"evaluation","step":3,"seconds":1,"split":"half","samples":1}"#,
      #"{"kind":"step","step":-1,"seconds":1,"epoch":0,"staleness":0,"workers":1}"#,
    ]
    let content = (strange + Self.lines[..<2] + strange).joined(separator: "\n") + "\n"
    #expect(lines(history(40, Array(content.utf8))) == Array(Self.lines[..<2]))
  }

  /// Numbers that no server writes, but that a damaged file can contain.
  @Test func extremeNumbersAreAccepted() {
    let wild = [
      #"{"kind":"step","step":1,"seconds":1e300,"epoch":0,"staleness":18446744073709551615,"#
        + #""workers":9223372036854775807,"loss":1e300,"accuracy":-1e300}"#,
      #"{"kind":"step","step":2,"seconds":-5,"epoch":18446744073709551615,"staleness":"#
        + #"18446744073709551615,"workers":-1,"loss":null,"accuracy":null}"#,
      #"{"kind":"evaluation","step":2,"seconds":0,"split":"test","samples":"#
        + #"18446744073709551615,"loss":1e300,"accuracy":1e300}"#,
    ]
    let found = history(40, Array((wild.joined(separator: "\n") + "\n").utf8))
    #expect(lines(found) == wild)
    #expect(found.seconds.isFinite && found.progress.latest?.step == 2)
  }

  @Test func theProgressIncludesEveryLine() {
    let found = history(22)
    let progress = found.progress
    #expect(progress.latest?.step == 22 && progress.latest?.steps == 40)
    #expect(progress.workers == 0, "no worker is present yet")
    #expect(progress.stalenessSum == 22 && progress.stalenessMaximum == 2)
    #expect(progress.evaluations[.validation]?.step == 20)
    #expect(progress.evaluations[.validation]?.result == .sample(.validation, correct: 20))
    #expect(abs(progress.samplesPerSecond - 1000) < 1e-6)
    #expect(abs(found.seconds - 2.2) < 1e-9)
  }

  @Test func theMaximumOfWorkersIsKeptThoughNoneIsPresent() {
    #expect(history(10).progress.mostWorkers == 2)
    #expect(history(30).progress.mostWorkers == 3)
  }

  @Test func theTimeBetweenTwoServersDoesNotCount() {
    var progress = history(20).progress
    let before = progress.samplesPerSecond
    for step in 21...30 {
      progress.note(.stepped(.sample(UInt64(step))), at: .seconds(900 + 0.1 * Double(step)))
    }
    #expect(abs(progress.samplesPerSecond - before) < 1e-6)
    #expect(progress.latest?.step == 30 && progress.stalenessSum == 21)
  }

  @Test func anEmptyFileHasNoHistory() {
    for found in [MetricsHistory(), history(40, [])] {
      #expect(found.text.isEmpty && found.seconds == 0 && found.progress.latest == nil)
    }
  }
}
