import Coordination
import Telemetry
import Testing
import Wire

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

  @Test func theLineShowsWhereTheRunStands() {
    #expect(
      ProgressLine.text(progress)
        == "step 30/50  epoch 2  loss 1.8509  acc 43.00 %  1,000 samples/s  0:02 left"
        + "  2 workers")
  }

  @Test func theLineShowsTheLastValidation() {
    var progress = progress
    progress.note(.evaluated(step: 30, [.sample(.validation, correct: 967)]), at: .seconds(4))
    #expect(
      ProgressLine.text(progress).contains("acc 43.00 %  val 96.70 %  1,000 samples/s"))
  }

  @Test func beforeTheFirstUpdateTheLineSaysWhatIsWaitedFor() {
    var progress = RunProgress()
    #expect(ProgressLine.text(progress) == "waiting for workers")
    progress.note(.joined(name: "a", workers: 1), at: .seconds(0))
    #expect(ProgressLine.text(progress) == "1 worker, waiting for the first update")
    progress.note(.joined(name: "b", workers: 2), at: .seconds(0))
    #expect(ProgressLine.text(progress) == "2 workers, waiting for the first update")
  }

  @Test func aPlainLineComesEveryFiveSeconds() {
    var line = ProgressLine(style: .plain)
    let times = stride(from: 0, through: 12, by: 0.5).filter { second in
      guard let text = line.refresh(progress, at: .seconds(second)) else { return false }
      #expect(text == ProgressLine.text(progress) + "\n")
      return true
    }
    #expect(times == [0, 5, 10])
  }

  @Test func aLiveLineComesTenTimesASecond() {
    var line = ProgressLine(style: .live(columns: 200))
    let times = stride(from: 0, to: 500, by: 20).filter { milliseconds in
      line.refresh(progress, at: Moment(nanoseconds: UInt64(milliseconds) * 1_000_000)) != nil
    }
    #expect(times == [0, 100, 200, 300, 400])
  }

  /// The last column stays free, since some terminals wrap as soon as it is written.
  @Test func aLiveLineRewritesItselfAndLeavesOutWhatDoesNotFit() {
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

  @Test func aTerminalOfNoWidthStillShowsTheStep() {
    for columns in [0, -1, 5] {
      var line = ProgressLine(style: .live(columns: columns))
      let text = line.refresh(progress, at: .seconds(0))
      #expect(text?.hasPrefix("\rstep 30/50") == true)
    }
  }

  @Test func otherLinesStandAlone() {
    #expect(ProgressLine(style: .plain).interruption == "")
    #expect(ProgressLine(style: .live(columns: 80)).interruption == "\r\u{1B}[K")
  }
}
