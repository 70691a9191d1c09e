import Coordination
import Testing
import Wire

@testable import Telemetry

@Suite struct ProgressLineTests {
  /// A run of two workers at 1000 samples/s, 30 of 50 steps done.
  private var progress: RunProgress {
    var progress = RunProgress()
    progress.note(.joined(name: "a", workers: 1), at: .seconds(0))
    progress.note(.joined(name: "b", workers: 2), at: .seconds(0))
    for step in 1...30 {
      let report = StepReport.sample(UInt64(step), of: 50, epoch: 1)
      progress.note(.stepped(report), at: .seconds(0.1 * Double(step)))
    }
    return progress
  }

  @Test func theLineShowsTheStateOfTheRun() {
    #expect(
      ProgressLine.text(progress)
        == "step 30/50  epoch 1  loss 1.8509  acc 43.00 %  1,000 samples/s  0:02 left"
        + "  2 workers")
  }

  @Test func theLineShowsTheLastValidation() {
    var progress = progress
    progress.note(.evaluated(step: 30, [.sample(.validation, correct: 967)]), at: .seconds(4))
    #expect(
      ProgressLine.text(progress).contains("acc 43.00 %  val 96.70 %  1,000 samples/s"))
  }

  /// `epoch` on the line and in the metrics file are the same number.
  @Test func theEpochIsThatOfTheMetricsFile() {
    let lines = MetricsLog.lines(.stepped(.sample(30, epoch: 1)), seconds: 0)
    #expect(lines[0].contains(#""epoch":1,"#))
    #expect(ProgressLine.text(progress).contains("  epoch 1  "))
  }

  @Test func anEvaluationShowsItsSplitAndItsSamples() {
    var progress = progress
    progress.note(
      .evaluating(EvaluationProgress(split: .test, done: 3500, total: 10_000)), at: .seconds(5))
    #expect(
      ProgressLine.text(progress) == "step 30/50  evaluating test 3,500/10,000  2 workers")
    progress.note(.evaluated(step: 30, [.sample(.test)]), at: .seconds(6))
    #expect(!ProgressLine.text(progress).contains("evaluating"))
  }

  @Test func anEvaluationBeforeTheFirstUpdateIsShown() {
    var progress = RunProgress()
    progress.note(.joined(name: "a", workers: 1), at: .seconds(0))
    progress.note(
      .evaluating(EvaluationProgress(split: .train, done: 0, total: 96)), at: .seconds(1))
    #expect(ProgressLine.text(progress) == "evaluating train 0/96  1 worker")
  }

  @Test func beforeTheFirstUpdateTheLineShowsWhatTheRunWaitsFor() {
    var progress = RunProgress()
    #expect(ProgressLine.text(progress) == "waiting for workers")
    progress.note(.joined(name: "a", workers: 1), at: .seconds(0))
    #expect(ProgressLine.text(progress) == "1 worker, waiting for the first update")
    progress.note(.joined(name: "b", workers: 2), at: .seconds(0))
    #expect(ProgressLine.text(progress) == "2 workers, waiting for the first update")
  }

  @Test func aPlainLineIsPrintedEveryFiveSeconds() {
    var line = ProgressLine(style: .plain)
    let times = stride(from: 0, through: 12, by: 0.5).filter { second in
      guard let text = line.refresh(progress, at: .seconds(second)) else { return false }
      #expect(text == ProgressLine.text(progress) + "\n")
      return true
    }
    #expect(times == [0, 5, 10])
  }

  @Test func aLiveLineIsRewrittenTenTimesASecond() {
    var line = ProgressLine(style: .live(columns: 200))
    let times = stride(from: 0, to: 500, by: 20).filter { milliseconds in
      line.refresh(progress, at: Moment(nanoseconds: UInt64(milliseconds) * 1_000_000)) != nil
    }
    #expect(times == [0, 100, 200, 300, 400])
  }

  /// The last column stays empty, since some terminals wrap once it is written.
  @Test func aLiveLineOmitsThePartsThatDoNotFit() {
    let lines = [
      30: "step 30/50  loss 1.8509",
      60: "step 30/50  loss 1.8509  acc 43.00 %  1,000 samples/s",
      80: "step 30/50  loss 1.8509  acc 43.00 %  1,000 samples/s  0:02 left  2 workers",
      200: ProgressLine.text(progress),
    ]
    for (columns, shown) in lines {
      var line = ProgressLine(style: .live(columns: columns))
      #expect(line.refresh(progress, at: .seconds(0)) == "\r\(shown)\u{1B}[K")
    }
  }

  @Test func aTerminalWithoutWidthShowsTheStep() {
    for columns in [0, -1, 5] {
      var line = ProgressLine(style: .live(columns: columns))
      let text = line.refresh(progress, at: .seconds(0))
      #expect(text?.hasPrefix("\rstep 30/50") == true)
    }
  }

  @Test func otherLinesRemoveALiveLineFirst() {
    #expect(ProgressLine(style: .plain).interruption == "")
    #expect(ProgressLine(style: .live(columns: 80)).interruption == "\r\u{1B}[K")
  }
}
