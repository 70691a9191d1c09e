import Testing

@testable import Learning

@Suite struct BatchPlanTests {
  /// 55,000 samples in batches of 50 are 1,100 steps per epoch.
  @Test func notebookRecipesHaveTheirNumberOfSteps() {
    #expect(BatchPlan(recipe: .v1, sampleCount: 55_000).steps == 12_100)
    #expect(BatchPlan(recipe: .tutorial, sampleCount: 55_000).steps == 999)
    #expect(BatchPlan(recipe: .tutorial, sampleCount: 55_000).positionCount == 99_900)
  }

  @Test func batchesSpanEpochsAndOnlyTheLastIsShort() {
    let plan = BatchPlan(batchSize: 4, slices: 3, sampleCount: 7, length: .epochs(2))
    #expect(plan.steps == 4)
    #expect((0..<4).map { plan.size(ofBatch: $0) } == [4, 4, 4, 2])
    #expect(plan.positions(batch: 1) == 4..<8)
    #expect(plan.epoch(ofPosition: 6) == 0)
    #expect(plan.epoch(ofPosition: 7) == 1)
    #expect((0..<4).map { plan.sliceCount(batch: $0) } == [3, 3, 3, 2])
  }

  @Test func batchesAreNeverShortIfTheLengthIsInSteps() {
    let plan = BatchPlan(batchSize: 4, slices: 3, sampleCount: 7, length: .steps(3))
    #expect(plan.steps == 3)
    #expect((0..<3).map { plan.size(ofBatch: $0) } == [4, 4, 4])
  }

  /// floor(10 s / 4) for s in 0...4 is 0, 2, 5, 7, 10.
  @Test func sliceBoundsAreRoundedDown() {
    let plan = BatchPlan(batchSize: 10, slices: 4, sampleCount: 100, length: .epochs(1))
    let bounds = (0..<4).map { plan.positions(batch: 2, slice: $0) }
    #expect(bounds == [20..<22, 22..<25, 25..<27, 27..<30])
    #expect(plan.positions(batch: 2, slices: 1..<3) == 22..<27)
    #expect(plan.rows(batch: 2, slices: 1..<4) == [0..<3, 3..<5, 5..<8])
  }

  @Test(arguments: [
    (1, 1, 1), (1, 8, 5), (50, 8, 1001), (7, 3, 20), (100, 8, 3), (64, 64, 63), (5, 4, 23),
  ])
  func slicesCoverEveryPositionOnce(batch: Int, slices: Int, samples: Int) {
    let plan = BatchPlan(
      batchSize: batch, slices: slices, sampleCount: samples, length: .epochs(3))
    var next: UInt64 = 0
    for step in 0..<plan.steps {
      var sizes: Set<Int> = []
      for slice in 0..<plan.sliceCount(batch: step) {
        let positions = plan.positions(batch: step, slice: slice)
        #expect(positions.lowerBound == next)
        #expect(!positions.isEmpty)
        sizes.insert(positions.count)
        next = positions.upperBound
      }
      #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
    }
    #expect(next == 3 * UInt64(samples))
  }

  @Test func aBatchWithFewerSamplesThanSlicesHasSlicesOfOneSample() {
    let plan = BatchPlan(batchSize: 8, slices: 8, sampleCount: 5, length: .epochs(1))
    #expect(plan.steps == 1)
    #expect(plan.sliceCount(batch: 0) == 5)
    #expect((0..<5).allSatisfy { plan.positions(batch: 0, slice: $0).count == 1 })
  }

  @Test func containsChecksBatchAndSlices() {
    let plan = BatchPlan(batchSize: 4, slices: 3, sampleCount: 7, length: .epochs(2))
    #expect(plan.contains(batch: 0, slices: 0..<3))
    #expect(plan.contains(batch: 3, slices: 1..<2))
    #expect(!plan.contains(batch: 3, slices: 0..<3))
    #expect(!plan.contains(batch: 4, slices: 0..<1))
    #expect(!plan.contains(batch: .max, slices: 0..<1))
    #expect(!plan.contains(batch: 0, slices: 1..<1))
    #expect(!plan.contains(batch: 0, slices: -1..<1))
    #expect(!plan.contains(batch: 0, slices: 0..<(.max)))
  }

  @Test func theLongestTrainingDoesNotOverflow() {
    let plan = BatchPlan(
      batchSize: 65536, slices: 65536, sampleCount: 1 << 32,
      length: .epochs(TrainingLength.maximumEpochs))
    let last = plan.positions(batch: plan.steps - 1, slice: 65535)
    #expect(last.upperBound == plan.positionCount)
  }
}
