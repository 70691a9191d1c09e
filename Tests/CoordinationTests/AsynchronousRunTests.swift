import Coordination
import Learning
import Numerics
import Testing
import Wire

@Suite struct AsynchronousRunTests {
  private let settings = TrainingSettings.tiny(.async, steps: 12, evaluateEvery: 5)

  @Test(arguments: [1, 2, 3, 8], [UInt64?.none, 1, 2])
  func everyBatchIsAppliedExactlyOnce(count: Int, seed: UInt64?) throws {
    var cluster = Cluster(settings, workers: count, shuffle: seed)
    try cluster.run()
    #expect(cluster.outcome == .completed)
    #expect(cluster.appliedBatches.sorted() == Array(0..<12))
    #expect(cluster.steps.map(\.step) == Array(1...12))
  }

  /// The server's weights equal those of the applied gradients in their order of arrival, each
  /// scaled by 1 / (1 + excess / workers), where the excess is the staleness beyond workers - 1.
  @Test(arguments: [1, 2, 3, 8], [UInt64?.none, 1, 2])
  func everyGradientIsScaledByItsStaleness(count: Int, seed: UInt64?) throws {
    var cluster = Cluster(settings, workers: count, shuffle: seed)
    try cluster.run()
    var optimizer = settings.initialOptimizer
    let results = cluster.applied.filter { !$0.contributions.isEmpty }
    for (result, step) in zip(results, cluster.steps) {
      #expect(step.staleness == optimizer.step - result.version)
      _ = optimizer.apply(
        contribution: try #require(cluster.gradients[result.id]),
        scale: 1
          / (1 + Float(max(0, Int(step.staleness) - step.workers + 1)) / Float(step.workers)),
        learningRate: settings.recipe.learningRate, clip: settings.recipe.clip)
    }
    #expect(cluster.weights == Bits(optimizer.weights))
  }

  @Test func aSingleWorkerIsNeverStaleAndEqualsASynchronousRun() throws {
    let settings = TrainingSettings.tiny(.async, steps: 12) { $0.slices = 1 }
    var cluster = Cluster(settings, workers: 1)
    try cluster.run()
    #expect(cluster.steps.allSatisfy { $0.staleness == 0 })
    #expect(cluster.weights == sequentialWeights(settings))
  }

  @Test(arguments: UInt64(1)...12)
  func faultsAndDuplicatesLoseAndRepeatNoBatch(seed: UInt64) throws {
    let cluster = try runWithRandomFaults(settings, seed: seed)
    #expect(cluster.outcome == .completed)
    #expect(cluster.appliedBatches.sorted() == Array(0..<12))
    #expect(cluster.steps.map(\.step) == Array(1...12))
    #expect(cluster.evaluations.map(\.step) == [5, 10, 12])
  }

  /// No training lease is outstanding at the boundary: the evaluated weights contain all batches
  /// before it and none after it.
  @Test func anEvaluationWaitsForEveryBatchBeforeIt() throws {
    var cluster = Cluster(settings, workers: 3, shuffle: 2)
    try cluster.run { $0.evaluations.count == 1 }
    #expect(cluster.server.version == 5)
    #expect(cluster.appliedBatches.sorted() == Array(0..<5))
  }

  @Test(arguments: [1, 3, 8])
  func theLossDecreasesForAnyNumberOfWorkers(count: Int) throws {
    var cluster = Cluster(.tiny(.async, steps: 150), workers: count, shuffle: 1)
    try cluster.run()
    let losses = cluster.steps.map(\.sums.meanLoss)
    let first: Double = losses.prefix(10).reduce(0, +)
    let last: Double = losses.suffix(10).reduce(0, +)
    #expect(last < 0.8 * first)
  }

  @Test func aWorkerHoldsOneBatchAtATimeAndTwoRunsOfAnEvaluation() throws {
    let data = TinyData(validation: 2500)
    var cluster = Cluster(settings, workers: 2, data: data, shuffle: 4)
    var most = [0, 0]
    try cluster.run { cluster in
      let isEvaluation = cluster.server.version == 5 && cluster.evaluations.isEmpty
      let outstanding = cluster.granted.count - cluster.verdicts.count
      most[isEvaluation ? 1 : 0] = max(most[isEvaluation ? 1 : 0], outstanding)
      return cluster.evaluations.count == 1
    }
    #expect(most == [2, 4])
  }
}
