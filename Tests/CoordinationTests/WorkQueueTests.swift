import Learning
import Numerics
import Testing
import Wire

@testable import Coordination

@Suite struct StepAssemblyTests {
  private func result(_ slices: Range<UInt32>, _ values: [Float]) -> LeaseResult {
    LeaseResult(
      id: LeaseID(incarnation: 1, counter: 0), version: 0,
      sums: slices.map { SampleSums(lossSum: Double($0), correct: 1, count: 2) },
      contributions: [
        Contribution(slices: slices, values: PiecewiseVector(values))
      ])
  }

  @Test func slicesAreReturnedAsNodesFromTheFront() {
    var step = StepAssembly(batch: 0, slices: 5, width: 1)
    #expect(step.openCount == 5)
    #expect(step.shares(among: 2) == [0..<3, 3..<5])
    let none = step.shares(among: 1)
    #expect(none.isEmpty)
    #expect(step.openCount == 0)
  }

  @Test func reopenedSlicesAreReturnedAsLargestNodes() {
    var step = StepAssembly(batch: 0, slices: 8, width: 1)
    #expect(step.shares(among: 5) == [0..<2, 2..<4, 4..<6, 6..<7, 7..<8])
    step.reopen(0..<2)
    step.reopen(7..<8)
    step.reopen(6..<7)
    #expect(step.openCount == 4)
    #expect(step.shares(among: 2) == [0..<2, 6..<8])
  }

  @Test func theTotalIsAvailableOnceEverySliceWasAdded() {
    var step = StepAssembly(batch: 3, slices: 3, width: 2)
    step.add(2..<3, result(2..<3, [1, 10]))
    #expect(step.total == nil)
    step.add(0..<2, result(0..<2, [2, 20]))
    #expect(step.total?.contribution == [3, 30])
    #expect(step.total?.sums == SampleSums(lossSum: 3, correct: 3, count: 6))
  }
}

@Suite struct BatchQueueTests {
  private let plan = BatchPlan(
    batchSize: 4, slices: 3, sampleCount: 10, length: .epochs(1))  // 4, 4 and 2 samples

  private let longPlan = BatchPlan(
    batchSize: 4, slices: 3, sampleCount: 10, length: .steps(500_000))

  @Test func batchesAreReturnedInOrderWithTheirSlices() {
    var queue = BatchQueue(after: AppliedBatches(), upTo: 3, plan: plan)
    #expect(queue.end == 3)
    let returned = (0..<4).map { _ in queue.popNext() }
    #expect(returned.map { $0?.batch } == [0, 1, 2, nil])
    #expect(returned.map { $0?.slices } == [3, 3, 2, nil])
  }

  @Test func reopenedBatchesAreReturnedFirst() {
    var queue = BatchQueue(after: AppliedBatches(), upTo: 3, plan: plan)
    _ = queue.popNext()
    _ = queue.popNext()
    queue.reopen(1)
    queue.reopen(0)
    let returned = (0..<4).map { _ in queue.popNext()?.batch }
    #expect(returned == [1, 0, 2, nil])
  }

  @Test func appliedBatchesAreSkipped() {
    var queue = BatchQueue(
      after: AppliedBatches(prefix: 3, beyond: [4, 5, 8, 9]), upTo: 10, plan: longPlan)
    let returned = (0..<4).map { _ in queue.popNext()?.batch }
    #expect(returned == [3, 6, 7, nil])
  }

  @Test func aQueueIsExhaustedOnceEveryBatchWasReturned() {
    var queue = BatchQueue(after: AppliedBatches(prefix: 1, beyond: [2]), upTo: 3, plan: plan)
    #expect(!queue.isExhausted)
    _ = queue.popNext()
    #expect(queue.isExhausted)
    queue.reopen(1)
    #expect(!queue.isExhausted)
    _ = queue.popNext()
    #expect(queue.isExhausted && queue.popNext() == nil)
    #expect(BatchQueue(after: AppliedBatches(), upTo: 0, plan: plan).isExhausted)
    #expect(
      BatchQueue(after: AppliedBatches(prefix: 3, beyond: []), upTo: 3, plan: plan).isExhausted)
  }

  @Test func manyReopenedBatchesTakeLittleTime() {
    var queue = BatchQueue(after: AppliedBatches(), upTo: 500_000, plan: longPlan)
    for _ in 0..<500_000 { _ = queue.popNext() }
    for batch in 0..<500_000 as Range<UInt64> { queue.reopen(batch) }
    for batch in 0..<500_000 as Range<UInt64> where queue.popNext()?.batch != batch {
      Issue.record("batch \(batch) was not returned")
    }
    #expect(queue.isExhausted)
  }
}

@Suite struct EvaluationRoundTests {
  @Test func splitsAreDividedIntoRunsOfFiveHundred() throws {
    var round = try #require(EvaluationRound([(.validation, 1001), (.test, 500)]))
    var works: [Work] = []
    while let work = round.popNext() { works.append(work) }
    #expect(
      works == [
        .evaluate(split: .validation, samples: 0..<500),
        .evaluate(split: .validation, samples: 500..<1000),
        .evaluate(split: .validation, samples: 1000..<1001),
        .evaluate(split: .test, samples: 0..<500),
      ])
  }

  @Test func aLargeSplitReportsAtMostOnceForEachPercent() throws {
    var round = try #require(EvaluationRound([(.train, 1_000_000)]))
    var reports: [UInt64] = []
    while let work = round.popNext() {
      let sums = SampleSums(lossSum: 1, correct: 0, count: 500)
      for _ in 0..<2 { reports += round.add(work, sums).map { [$0.done] } ?? [] }
    }
    #expect(reports == (1...100).map { $0 * 10_000 })
  }

  @Test func aRoundWithoutSamplesIsNil() {
    #expect(EvaluationRound([]) == nil)
    #expect(EvaluationRound([(.validation, 0), (.test, 0)]) == nil)
    #expect(EvaluationRound([(.validation, 0), (.test, 1)]) != nil)
  }

  @Test func aReopenedRunIsReturnedAgain() throws {
    var round = try #require(EvaluationRound([(.test, 600)]))
    let first = Work.evaluate(split: .test, samples: 0..<500)
    let works = (0..<3).map { _ in round.popNext() }
    #expect(works[0] == first && works[2] == nil)
    round.reopen(first)
    round.reopen(.evaluate(split: .train, samples: 0..<500))
    #expect(round.hasOpen)
    let again = (0..<2).map { _ in round.popNext() }
    #expect(again == [first, nil] && !round.hasOpen)
  }

  @Test func workOfAnotherStageIsIgnored() throws {
    var round = try #require(EvaluationRound([(.validation, 700), (.test, 600)]))
    while round.popNext() != nil {}
    let foreign: [Work] = [
      .evaluate(split: .train, samples: 0..<500), .evaluate(split: .test, samples: 0..<600),
      .evaluate(split: .test, samples: 1..<500), .evaluate(split: .test, samples: 1000..<1500),
      .evaluate(split: .validation, samples: 1000..<1500), .train(batch: 0, slices: 0..<1),
      .evaluate(split: .test, samples: .max - 1 ..< .max),
    ]
    for work in foreign {
      round.reopen(work)
      #expect(round.add(work, SampleSums(lossSum: 1, correct: 1, count: 1)) == nil)
    }
    #expect(!round.hasOpen && round.total == nil)
  }

  @Test func aRoundOfManyRunsTakesLittleTime() throws {
    var round = try #require(EvaluationRound([(.train, 50_000_000), (.test, 600)]))
    var works: [Work] = []
    while let work = round.popNext() { works.append(work) }
    #expect(works.count == 100_002)
    for work in works { round.reopen(work) }
    while let work = round.popNext() {
      #expect(round.total == nil)
      round.add(work, SampleSums(lossSum: 1, correct: 5, count: 500))
    }
    #expect(round.total?.map(\.sums.lossSum) == [100_000, 2])
  }

  /// 1 + 1e16 - 1e16 depends on the order: the sums are added in the order of the samples.
  @Test func theSumIsAddedInTheOrderOfTheSamples() throws {
    let losses = [1, 1e16, -1e16]
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
      var round = try #require(EvaluationRound([(.test, 1500)]))
      let works = (0..<3).compactMap { _ in round.popNext() }
      for index in order {
        #expect(round.total == nil)
        round.add(works[index], SampleSums(lossSum: losses[index], correct: 5, count: 500))
      }
      let total = try #require(round.total?.first)
      #expect(total.sums == SampleSums(lossSum: (1 + 1e16) - 1e16, correct: 15, count: 1500))
      #expect(total.accuracy == 0.01)
    }
  }

  @Test func theMeanOverNoSamplesIsZero() {
    #expect(SampleSums().meanLoss == 0)
    #expect(SampleSums().accuracy == 0)
    #expect(SampleSums(lossSum: 3, correct: 1, count: 4).meanLoss == 0.75)
    #expect(SampleSums(lossSum: 3, correct: 1, count: 4).accuracy == 0.25)
  }
}
