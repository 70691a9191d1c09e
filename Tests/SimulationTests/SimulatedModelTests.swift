import Coordination
import Learning
import Numerics
import Testing
import Wire

@testable import Simulation

@Suite struct SimulatedModelTests {
  private var model: SimulatedModel {
    var scenario = Scenario(seed: 5, mode: .sync)
    scenario.settings.recipe.batchSize = 10
    scenario.settings.recipe.slices = 5
    return scenario.model
  }

  private func result(_ work: Work, _ weights: UInt64 = 1, version: UInt64 = 3) -> LeaseResult? {
    let lease = Lease(id: LeaseID(incarnation: 1, counter: 2), version: version, work: work)
    return model.result(of: lease, with: LoadedWeights(version: version, digest: weights))
  }

  @Test func gradientsDependOnWeightsBatchAndSlice() {
    let all = [(0, 0, 1), (1, 0, 1), (0, 1, 1), (0, 0, 2)].map { batch, slice, weights in
      model.gradient(batch: UInt64(batch), slice: slice, UInt64(weights))
    }
    #expect(Set(all).count == 4)
    #expect(all[0] == model.gradient(batch: 0, slice: 0, 1))
    #expect(all.allSatisfy { $0.count == model.width && $0.allSatisfy(\.isNormal) })
  }

  @Test func theOrderOfSummationChangesTheBits() {
    let parts = (0..<3).map { model.gradient(batch: 0, slice: $0, 1) }
    func sum(_ a: [Float], _ b: [Float]) -> [Float] { zip(a, b).map(+) }
    let forward = sum(sum(parts[0], parts[1]), parts[2])
    #expect(forward != sum(parts[0], sum(parts[1], parts[2])))
    #expect(forward != sum(sum(parts[0], parts[2]), parts[1]))
  }

  @Test func sumsOfAdjacentRangesAddUpExactly() {
    let whole = model.sums(.validation, 0..<1300, 9)
    for cut: UInt64 in [1, 500, 700, 1299] {
      let (left, right) = (
        model.sums(.validation, 0..<cut, 9), model.sums(.validation, cut..<1300, 9)
      )
      #expect(left.lossSum + right.lossSum == whole.lossSum)
      #expect(left.correct + right.correct == whole.correct)
      #expect(left.count + right.count == 1300 && left.correct <= left.count)
    }
    #expect(model.sums(.validation, 0..<1300, 8) != whole)
    #expect(model.sums(.test, 0..<1300, 9) != whole)
  }

  @Test func aResultHasSumsPerSliceAndTensorsPerSubtree() throws {
    let found = try #require(result(.train(batch: 0, slices: 1..<5)))
    #expect(found.sums.map(\.count) == [2, 2, 2, 2])
    #expect(found.contributions.map(\.slices) == [1..<2, 2..<3, 3..<5])
    let pair = zip(
      model.gradient(batch: 0, slice: 3, 1), model.gradient(batch: 0, slice: 4, 1)
    ).map(+)
    #expect(found.contributions[2].values.floats == pair)
  }

  @Test func anEvaluationHasOneSumAndNoTensors() throws {
    let found = try #require(result(.evaluate(split: .test, samples: 10..<30)))
    #expect(found.sums == [model.sums(.test, 10..<30, 1)] && found.contributions.isEmpty)
  }

  @Test func nonexistentWorkHasNoResult() {
    #expect(result(.train(batch: 1_000_000, slices: 0..<1)) == nil)
    #expect(result(.train(batch: 0, slices: 4..<6)) == nil)
  }
}

@Suite struct UndisturbedRunTests {
  @Test(arguments: 1...4)
  func anUndisturbedClusterComputesTheWeightsOfThePlainLoop(workers: Int) throws {
    for seed: UInt64 in 1...5 {
      let scenario = Scenario(seed: seed, mode: .sync).undisturbed(workers: workers)
      var cluster = try SimulatedCluster(scenario)
      try cluster.run()
      #expect(cluster.checker.history.map(\.state) == UndisturbedRun(scenario).digests)
    }
  }

  @Test func theUndisturbedRunDependsOnTheSettings() {
    let scenario = Scenario(seed: 2, mode: .sync)
    var other = scenario
    other.settings.recipe.learningRate *= 2
    let (digests, others) = (UndisturbedRun(scenario).digests, UndisturbedRun(other).digests)
    #expect(digests.count == Int(scenario.model.plan.steps) + 1)
    #expect(digests[0] == others[0] && digests[1] != others[1])
  }
}
