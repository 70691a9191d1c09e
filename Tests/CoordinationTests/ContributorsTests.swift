import Coordination
import Testing

@Suite struct ContributorsTests {
  @Test func theFirstStepOfAWorkerCounts() {
    var record = Contributors()
    record.note("anna", step: 3)
    record.note("bert", step: 5)
    record.note("anna", step: 7)
    #expect(record.firstStep(of: "anna") == 3 && record.firstStep(of: "bert") == 5)
    #expect(record.firstStep(of: "carl") == nil)
    #expect(record.steps == [3, 5])
  }

  @Test func earlierWeightsHaveFewerContributors() {
    var record = Contributors()
    for (name, step) in [("anna", 1), ("bert", 4), ("carl", 9)] as [(String, UInt64)] {
      record.note(name, step: step)
    }
    #expect(record.upTo(0) == Contributors())
    #expect(record.upTo(4).firstSteps == ["anna": 1, "bert": 4])
    #expect(record.upTo(9) == record)
  }

  /// Names beyond the limit are one group: any worker without a name of its own may belong to it.
  @Test func theNumberOfNamesIsBounded() {
    var record = Contributors()
    for number in 0..<UInt64(Contributors.limit) { record.note("worker-\(number)", step: 10) }
    #expect(record.firstOfOthers == nil)
    record.note("late", step: 20)
    record.note("later", step: 30)
    #expect(record.firstSteps.count == Contributors.limit && record.firstOfOthers == 20)
    #expect(record.firstStep(of: "later") == 20 && record.firstStep(of: "worker-0") == 10)
    #expect(record.steps == [10, 20])
    #expect(record.upTo(19).firstOfOthers == nil && record.upTo(20).firstOfOthers == 20)
  }

  @Test func ofAnUnknownRecordEveryWorkerMayBeAContributorFromTheFirstStep() {
    #expect(Contributors.unknown(steps: 0) == Contributors())
    #expect(Contributors.unknown(steps: 7).firstStep(of: "anna") == 1)
  }

  @Test func aRecordConsistsOfItsParts() {
    var record = Contributors()
    record.note("anna", step: 2)
    record.note("bert", step: 2)
    let copy = Contributors(
      firstSteps: record.firstSteps, firstOfOthers: record.firstOfOthers)
    #expect(copy == record)
  }
}
