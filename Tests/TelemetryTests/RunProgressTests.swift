import Coordination
import Numerics
import Telemetry
import Testing
import Wire

@Suite struct RunProgressTests {
  @Test func aNewProgressIsEmpty() {
    let progress = RunProgress()
    #expect(progress.latest == nil && progress.evaluations.isEmpty)
    #expect(progress.samplesPerSecond == 0 && progress.currentSamplesPerSecond == 0)
    #expect(progress.timeLeft == nil && progress.meanStaleness == 0)
  }

  /// Steps of 100 samples every 0.1 s are 1000 samples/s, regardless of the time in between.
  @Test func theSpeedExcludesEvaluationsAndTheTimeToTheFirstUpdate() {
    var progress = RunProgress()
    progress.note(.joined(name: "a", workers: 1), at: .seconds(1))
    for step in 0..<10 {
      progress.note(.stepped(.sample(UInt64(step) + 1)), at: .seconds(20 + 0.1 * Double(step)))
    }
    #expect(abs(progress.samplesPerSecond - 1000) < 1e-6)
    progress.note(.evaluated(step: 10, [.sample(.validation)]), at: .seconds(50))
    for step in 1...10 {
      progress.note(.stepped(.sample(UInt64(step) + 10)), at: .seconds(50 + 0.1 * Double(step)))
    }
    #expect(abs(progress.samplesPerSecond - 1000) < 1e-6)
  }

  @Test func theCurrentRateIsThatOfTheLastSecond() {
    var progress = RunProgress()
    var time = 0.0
    for step in 1...40 {  // 1000 samples/s, then 500
      time += step <= 20 ? 0.1 : 0.2
      progress.note(.stepped(.sample(UInt64(step))), at: .seconds(time))
    }
    #expect(abs(progress.currentSamplesPerSecond - 500) < 1e-6)
    #expect(progress.samplesPerSecond > 600)
  }

  @Test func anEvaluationDoesNotSlowTheCurrentRate() {
    var progress = RunProgress()
    for step in 1...25 {
      progress.note(.stepped(.sample(UInt64(step))), at: .seconds(0.1 * Double(step)))
    }
    progress.note(.evaluated(step: 25, []), at: .seconds(60))
    for step in 1...25 {
      progress.note(.stepped(.sample(UInt64(step) + 25)), at: .seconds(60 + 0.1 * Double(step)))
      #expect(abs(progress.currentSamplesPerSecond - 1000) < 1e-6)
    }
  }

  @Test func theTimeLeftIsThatOfTheRemainingStepsAtTheCurrentSpeed() {
    var progress = RunProgress()
    for step in 1...20 {
      progress.note(.stepped(.sample(UInt64(step), of: 50)), at: .seconds(0.1 * Double(step)))
    }
    #expect(progress.timeLeft.map { abs($0.seconds - 3) < 1e-6 } == true)
    progress.note(.stepped(.sample(50, of: 50)), at: .seconds(2.1))
    #expect(progress.timeLeft == .zero)
  }

  @Test func workersAndTheirMaximumAreCounted() {
    var progress = RunProgress()
    for (count, report) in [
      (1, Report.joined(name: "a", workers: 1)), (2, .joined(name: "b", workers: 2)),
      (1, .left(name: "a", reason: "lost", workers: 1)),
    ] {
      progress.note(report, at: .seconds(1))
      #expect(progress.workers == count)
    }
    #expect(progress.mostWorkers == 2)
  }

  @Test func stalenessIsSummedOverAllUpdates() {
    var progress = RunProgress()
    for (step, staleness) in [0, 3, 1, 0].enumerated() {
      progress.note(
        .stepped(.sample(UInt64(step) + 1, staleness: UInt64(staleness))),
        at: .seconds(Double(step)))
    }
    #expect(progress.stalenessSum == 4 && progress.stalenessMaximum == 3)
    #expect(progress.meanStaleness == 1)
  }

  @Test func theLastEvaluationOfEachSplitIsKept() {
    var progress = RunProgress()
    progress.note(.evaluated(step: 5, [.sample(.validation, correct: 1)]), at: .seconds(1))
    progress.note(.evaluated(step: 9, [.sample(.validation), .sample(.test)]), at: .seconds(2))
    #expect(progress.evaluations[.validation]?.step == 9)
    #expect(progress.evaluations[.validation]?.result.accuracy == 0.9)
    #expect(progress.evaluations[.test]?.step == 9)
    #expect(progress.evaluations[.train] == nil)
  }

  @Test func otherReportsChangeNoNumber() {
    var progress = RunProgress()
    progress.note(.refused(.dataset, name: "x", reason: "data"), at: .seconds(1))
    progress.note(.ignored(peer: PeerID([1]), reason: "garbage"), at: .seconds(2))
    progress.note(.rejected(name: "x", verdict: .stale), at: .seconds(3))
    #expect(progress.latest == nil && progress.workers == 0)
  }
}
