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

  /// The server's weights equal those of the applied gradients in their order of arrival, each with
  /// the weight 2 / staleness² in the first moment, or 0.1 if that is less.
  @Test(arguments: [1, 2, 3, 8], [UInt64?.none, 1, 2])
  func everyGradientIsWeightedByItsStaleness(count: Int, seed: UInt64?) throws {
    var cluster = Cluster(settings, workers: count, shuffle: seed)
    try cluster.run()
    let versions = try versions(of: cluster)
    for (result, step) in zip(cluster.applied.filter { !$0.contributions.isEmpty }, cluster.steps) {
      #expect(step.staleness == step.step - 1 - result.version)
    }
    #expect(cluster.weights == Bits(try #require(versions.last).weights))
  }

  /// With n workers of the same speed a gradient is applied n - 1 updates later.
  @Test(arguments: [1, 2, 3, 8])
  func aGradientIsComputedAtTheWeightsThatAreExpectedByItsArrival(count: Int) throws {
    let settings = TrainingSettings.tiny(.async, steps: 40)
    var cluster = Cluster(settings, workers: count)
    try cluster.run()
    let (versions, rate) = (try versions(of: cluster), settings.recipe.learningRate)
    for (id, weights) in cluster.usedWeights {
      let lease = try #require(cluster.granted[id])
      let optimizer = versions[Int(lease.version)]
      guard case .train = lease.work, lease.version > 0 else {
        #expect(Bits(weights) == Bits(optimizer.weights), "\(lease)")
        continue
      }
      let horizons = UInt64(max(0, count - 2))...UInt64(count - 1)
      #expect(
        horizons.contains { ahead in
          Bits(optimizer.weights(after: ahead, learningRate: rate)) == Bits(weights)
        }, "\(lease)")
    }
  }

  /// Returns the optimizer of every version, from the gradients that were applied.
  private func versions(of cluster: Cluster) throws -> [Optimizer] {
    var versions = [settings.initialOptimizer]
    for result in cluster.applied where !result.contributions.isEmpty {
      var optimizer = versions[versions.count - 1]
      let staleness = Float(optimizer.step - result.version)
      _ = optimizer.apply(
        contribution: try #require(cluster.gradients[result.id]),
        beta1: staleness < 5 ? 0.9 : 1 - 2 / (staleness * staleness),
        learningRate: settings.recipe.learningRate, clip: settings.recipe.clip)
      versions.append(optimizer)
    }
    return versions
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
