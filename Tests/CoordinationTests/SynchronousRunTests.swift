import Coordination
import Learning
import Numerics
import Testing
import Wire

@Suite struct SynchronousRunTests {
  private let settings = TrainingSettings.tiny(steps: 6, evaluateEvery: 2)

  @Test(arguments: [1, 2, 3, 8])
  func theWeightsEqualThoseOfAPlainLoopForAnyNumberOfWorkers(count: Int) throws {
    var cluster = Cluster(settings, workers: count)
    try cluster.run()
    #expect(cluster.outcome == .completed)
    #expect(cluster.weights == sequentialWeights(settings))
    #expect(cluster.weights != Bits(settings.initialOptimizer.weights))
    #expect(cluster.steps.map(\.step) == Array(1...6))
  }

  @Test(arguments: [1, 2, 3, 8], [UInt64](1...4))
  func theOrderOfArrivalChangesNoBit(count: Int, seed: UInt64) throws {
    var cluster = Cluster(settings, workers: count, shuffle: seed)
    try cluster.run()
    #expect(cluster.weights == sequentialWeights(settings))
    #expect(cluster.verdicts.allSatisfy { $0 == .applied || $0 == .duplicate })
  }

  @Test(arguments: [Normalization.batch, .frozen], ["none", "value:0.01", "norm:0.1"])
  func theSameHoldsWithBatchNormalizationAndClipping(
    normalization: Normalization, clip: String
  ) throws {
    let settings = TrainingSettings.tiny { recipe in
      recipe.normalization = normalization
      recipe.clip = Clip(clip) ?? .none
    }
    let expected = sequentialWeights(settings)
    for count in [1, 3] {
      var cluster = Cluster(settings, workers: count, shuffle: 5)
      try cluster.run()
      #expect(cluster.weights == expected)
    }
  }

  @Test(arguments: [1, 3, 5, 10], [1, 3])
  func theSameHoldsForEveryNumberOfSlicesAndAShortLastBatch(
    slices: Int, count: Int
  ) throws {
    let settings = TrainingSettings.tiny { recipe in
      recipe.slices = slices
      recipe.length = .epochs(2)  // 74 samples: seven batches of 10 and one of 4
    }
    var cluster = Cluster(settings, workers: count, shuffle: 9)
    try cluster.run()
    #expect(cluster.steps.map(\.sums.count) == [10, 10, 10, 10, 10, 10, 10, 4])
    #expect(cluster.weights == sequentialWeights(settings))
  }

  @Test(arguments: Scan.allCases)
  func theSameHoldsForEveryScan(scan: Scan) throws {
    let settings = TrainingSettings.tiny(steps: 2) { $0.scan = scan }
    var cluster = Cluster(settings, workers: 2)
    try cluster.run()
    #expect(cluster.weights == sequentialWeights(settings))
  }

  @Test func aStepReportContainsItsBatchAndTheNumberOfWorkers() throws {
    var cluster = Cluster(settings, workers: 2)
    try cluster.run()
    #expect(cluster.steps.allSatisfy { $0.steps == 6 && $0.staleness == 0 && $0.workers == 2 })
    #expect(cluster.steps.allSatisfy { $0.sums.count == 10 && $0.gradientNorm > 0 })
    // 37 training samples: the batch of positions 30 to 39 begins in epoch 0, the next in epoch 1.
    #expect(cluster.steps.map(\.epoch) == [0, 0, 0, 0, 1, 1])
  }

  @Test func twoWorkersShareTheSlicesOfAStepEvenly() throws {
    var cluster = Cluster(settings, workers: 2)
    try cluster.run()
    var shares: [UInt64: [Range<UInt32>]] = [:]
    for case .train(let batch, let slices) in cluster.granted.values.map(\.work) {
      shares[batch, default: []].append(slices)
    }
    for batch in 1..<UInt64(6) {  // at the first step, the second worker may be late
      #expect(shares[batch]?.sorted { $0.lowerBound < $1.lowerBound } == [0..<2, 2..<4])
    }
  }
}
