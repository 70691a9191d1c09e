import Testing

@testable import Coordination

@Suite struct CheckpointScheduleTests {
  private func schedule(
    _ interval: CheckpointInterval, version: UInt64 = 0, isEvaluated: Bool = true
  ) -> CheckpointSchedule {
    CheckpointSchedule(interval: interval, version: version, isEvaluated: isEvaluated)
  }

  @Test func aNumberOfStepsIsCountedInMultiples() {
    var schedule = schedule(.steps(10), version: 7)
    #expect(schedule.isDue(version: 7, at: .start) == false)
    #expect(schedule.isDue(version: 9, at: .seconds(1000)) == false)
    #expect(schedule.isDue(version: 10, at: .start) == true)
    #expect(schedule.request(version: 12, isEvaluated: true, at: .start) == true)
    #expect(schedule.isDue(version: 19, at: .start) == false)
    #expect(schedule.isDue(version: 20, at: .start) == true)
  }

  @Test func aTimeStartsWithTheFirstCallAndWithEveryRequest() {
    var schedule = schedule(.time(.seconds(30)))
    #expect(schedule.isDue(version: 1, at: .seconds(100)) == false)
    #expect(schedule.isDue(version: 2, at: .seconds(129)) == false)
    #expect(schedule.isDue(version: 0, at: .seconds(130)) == false)  // no update
    #expect(schedule.isDue(version: 2, at: .seconds(130)) == true)
    #expect(schedule.request(version: 2, isEvaluated: true, at: .seconds(130)) == true)
    #expect(schedule.isDue(version: 3, at: .seconds(159)) == false)
    #expect(schedule.isDue(version: 3, at: .seconds(160)) == true)
  }

  @Test func withoutAnIntervalNothingIsDue() {
    var schedule = schedule(.never)
    #expect(schedule.isDue(version: 1000, at: .start) == false)
    #expect(schedule.isDue(version: 2000, at: .seconds(1_000_000)) == false)
    #expect(schedule.request(version: 2000, isEvaluated: true, at: .seconds(1_000_000)) == true)
  }

  @Test func aStateIsRequestedOnce() {
    var schedule = schedule(.steps(1), version: 3)
    #expect(schedule.request(version: 3, isEvaluated: true, at: .start) == false)
    #expect(schedule.request(version: 4, isEvaluated: false, at: .start) == true)
    #expect(schedule.isWriting)
    #expect(schedule.request(version: 4, isEvaluated: false, at: .start) == false)
    schedule.confirm(version: 4, isEvaluated: false, succeeded: true, at: .start)
    #expect(!schedule.isWriting)
    #expect(schedule.request(version: 4, isEvaluated: false, at: .start) == false)
    #expect(schedule.request(version: 4, isEvaluated: true, at: .start) == true)
  }

  /// The next try does not wait for the next interval of steps.
  @Test func aFailedWriteIsRepeatedAfterTenSeconds() {
    var schedule = schedule(.steps(10_000))
    #expect(schedule.isDue(version: 10_000, at: .seconds(50)) == true)
    #expect(schedule.request(version: 10_000, isEvaluated: true, at: .seconds(50)) == true)
    schedule.confirm(version: 10_000, isEvaluated: true, succeeded: false, at: .seconds(51))
    #expect(schedule.isDue(version: 10_001, at: .seconds(60.9)) == false)
    #expect(schedule.isDue(version: 10_000, at: .seconds(61)) == true)  // without an update, too
    #expect(schedule.isDue(version: 10_001, at: .seconds(61)) == true)
    #expect(schedule.request(version: 10_001, isEvaluated: true, at: .seconds(61)) == true)
    #expect(schedule.isDue(version: 10_001, at: .seconds(100)) == false)
    schedule.confirm(version: 10_001, isEvaluated: true, succeeded: true, at: .seconds(61))
    #expect(schedule.isDue(version: 19_999, at: .seconds(1000)) == false)
    #expect(schedule.isDue(version: 20_000, at: .seconds(1000)) == true)
  }

  @Test func aFailedWriteIsRepeatedAfterAShorterInterval() {
    for (interval, delay) in [(2.0, 2.0), (30, 10)] {
      var schedule = schedule(.time(.seconds(interval)))
      #expect(schedule.request(version: 1, isEvaluated: true, at: .start) == true)
      schedule.confirm(version: 1, isEvaluated: true, succeeded: false, at: .start)
      #expect(schedule.isDue(version: 2, at: .seconds(delay - 0.1)) == false)
      #expect(schedule.isDue(version: 2, at: .seconds(delay)) == true)
    }
  }

  /// A full disk is not tried again with every step.
  @Test func everyFailureDelaysTheNextWrite() {
    var schedule = schedule(.steps(1))
    var requests = 0
    for step in 1...1000 as ClosedRange<UInt64> {
      let now = Moment.seconds(Double(step) / 10)
      guard schedule.isDue(version: step, at: now) else { continue }
      #expect(schedule.request(version: step, isEvaluated: true, at: now) == true)
      schedule.confirm(version: step, isEvaluated: true, succeeded: false, at: now)
      requests += 1
    }
    #expect(requests == 10)
  }

  /// At the end of a run, a state that is not on disk is requested again.
  @Test func aStateThatDidNotReachTheDiskIsNotSkippedAtTheEnd() {
    var schedule = schedule(.steps(100))
    #expect(schedule.request(version: 100, isEvaluated: true, at: .start) == true)
    schedule.confirm(version: 100, isEvaluated: true, succeeded: false, at: .seconds(1))
    #expect(schedule.request(version: 100, isEvaluated: true, at: .seconds(1)) == true)
    schedule.confirm(version: 100, isEvaluated: true, succeeded: true, at: .seconds(2))
    #expect(schedule.request(version: 100, isEvaluated: true, at: .seconds(2)) == false)
  }

  @Test func outcomesOfOverlappingWritesAreKeptApart() {
    var schedule = schedule(.steps(10))
    #expect(schedule.request(version: 10, isEvaluated: true, at: .start) == true)
    #expect(schedule.request(version: 20, isEvaluated: true, at: .start) == true)
    schedule.confirm(version: 10, isEvaluated: true, succeeded: false, at: .seconds(1))
    #expect(schedule.isWriting)
    #expect(schedule.isDue(version: 29, at: .seconds(100)) == false)
    schedule.confirm(version: 20, isEvaluated: true, succeeded: true, at: .seconds(2))
    #expect(!schedule.isWriting)
    #expect(schedule.isDue(version: 29, at: .seconds(100)) == false)
    #expect(schedule.request(version: 30, isEvaluated: true, at: .seconds(3)) == true)
    #expect(schedule.request(version: 40, isEvaluated: true, at: .seconds(3)) == true)
    schedule.confirm(version: 30, isEvaluated: true, succeeded: true, at: .seconds(4))
    schedule.confirm(version: 40, isEvaluated: true, succeeded: false, at: .seconds(4))
    #expect(schedule.isDue(version: 40, at: .seconds(14)) == true)
    #expect(schedule.isDue(version: 30, at: .seconds(14)) == false)
  }
}
