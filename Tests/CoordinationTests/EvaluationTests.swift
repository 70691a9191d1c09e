import Coordination
import Learning
import Numerics
import Testing
import Wire

@Suite struct EvaluationTests {
  /// Splits of several runs of 500 samples, each with a shorter last run.
  private let data = TinyData(training: 1203, validation: 1001, test: 500)

  @Test(arguments: Mode.allCases)
  func evaluationsHappenExactlyAtTheirSteps(mode: Mode) throws {
    for (steps, every, expected) in [
      (6, 2, [2, 4, 6]), (7, 3, [3, 6, 7]), (4, 9, [4]), (3, 0, [3]), (2, 1, [1, 2]),
    ] as [(UInt64, UInt64, [UInt64])] {
      var cluster = Cluster(
        .tiny(mode, steps: steps, evaluateEvery: every), workers: 3, shuffle: steps)
      try cluster.run()
      #expect(cluster.evaluations.map(\.step) == expected)
    }
  }

  @Test func onlyTheLastEvaluationHasAllSplits() throws {
    var cluster = Cluster(.tiny(steps: 4, evaluateEvery: 2), workers: 2)
    try cluster.run()
    let splits = cluster.evaluations.map { $0.results.map(\.split) }
    #expect(splits == [[.validation], [.train, .validation, .test]])
  }

  @Test(arguments: FinalEvaluation.allCases)
  func thePolicySelectsTheSplitsOfTheLastEvaluation(choice: FinalEvaluation) throws {
    let settings = TrainingSettings.tiny(steps: 4, evaluateEvery: 2)
    var cluster = Cluster(settings, workers: 2, policy: Policy(finalEvaluation: choice))
    try cluster.run()
    let splits = cluster.evaluations.map { $0.results.map(\.split) }
    switch choice {
    case .all: #expect(splits == [[.validation], [.train, .validation, .test]])
    case .test: #expect(splits == [[.validation], [.test]])
    case .none: #expect(splits == [[.validation]])
    }
    var whole = Cluster(settings, workers: 1)
    try whole.run()
    #expect(cluster.weights == whole.weights && cluster.outcome == .completed)
    #expect(cluster.server.state.isEvaluated)
  }

  @Test func anEvaluationReportsItsProgress() throws {
    var cluster = Cluster(.tiny(steps: 1), workers: 1, data: data)
    try cluster.run()
    let progress = cluster.reports.compactMap {
      if case .evaluating(let progress) = $0.report { progress } else { nil }
    }
    let expected: [(Split, [UInt64], UInt64)] = [
      (.train, [0, 500, 1000, 1203], 1203), (.validation, [500, 1000, 1001], 1001),
      (.test, [500], 500),
    ]
    #expect(
      progress
        == expected.flatMap { split, done, total in
          done.map { EvaluationProgress(split: split, done: $0, total: total) }
        })
  }

  @Test(arguments: Mode.allCases)
  func everySampleIsCountedOnce(mode: Mode) throws {
    var cluster = Cluster(.tiny(mode, steps: 1), workers: 3, data: data, shuffle: 3)
    try cluster.run()
    let results = try #require(cluster.evaluations.last?.results)
    #expect(results.map(\.sums.count) == [1203, 1001, 500])
    #expect(results.allSatisfy { $0.sums.correct <= $0.sums.count && $0.loss > 0 })
  }

  @Test func theLossHasTheSameBitsForAnyNumberOfWorkers() throws {
    let settings = TrainingSettings.tiny(steps: 2)
    let sums = try [(1, nil), (2, 1), (3, 2), (8, 3)].map { (count, seed: UInt64?) in
      var cluster = Cluster(settings, workers: count, data: data, shuffle: seed)
      try cluster.run()
      return cluster.evaluations.last?.results.map(\.sums)
    }
    #expect(sums[0]?.count == 3)
    #expect(sums.allSatisfy { $0 == sums[0] })
  }

  /// Runs of 500 samples, each summed in order, with the sums of the runs added in order.
  @Test func theSumsEqualThoseOfASingleThreadedClassifier() throws {
    let settings = TrainingSettings.tiny(steps: 2)
    var cluster = Cluster(settings, workers: 3, data: data, shuffle: 3)
    try cluster.run()
    let classifier = Classifier(shape: settings.tinyShape, maximumRows: 64)
    classifier.load(weights: cluster.server.optimizer.weights)
    var expected = SampleSums()
    for start in stride(from: 0, to: 1001, by: 500) {
      let sums = classifier.evaluate(
        data.minibatch(.validation, indices: Array(start..<min(start + 500, 1001)), scan: .rows))
      expected.lossSum += sums.lossSum
      expected.correct += UInt64(sums.correct)
      expected.count += UInt64(sums.count)
    }
    let validation = cluster.evaluations.last?.results.first { $0.split == .validation }
    #expect(validation?.sums == expected)
    #expect(validation?.loss == expected.lossSum / 1001)
    #expect(validation?.accuracy == Double(expected.correct) / 1001)
  }

  @Test func losingAWorkerDuringAnEvaluationLosesNoSample() throws {
    let settings = TrainingSettings.tiny(steps: 1)
    var undisturbed = Cluster(settings, workers: 1, data: data)
    try undisturbed.run()
    var cluster = Cluster(settings, workers: 2, data: data)
    try cluster.run { $0.server.version == 1 && $0.workers[0].isBusy }
    cluster.disconnect(0)
    try cluster.run()
    #expect(cluster.evaluations.last?.results == undisturbed.evaluations.last?.results)
  }

  @Test func anEmptySplitIsNotEvaluated() throws {
    let data = TinyData(training: 20, validation: 0, test: 3)
    var cluster = Cluster(.tiny(steps: 4, evaluateEvery: 1), workers: 1, data: data)
    try cluster.run()
    #expect(cluster.outcome == .completed)
    #expect(cluster.evaluations.map { $0.results.map(\.split) } == [[.train, .test]])
    #expect(cluster.now < Moment(nanoseconds: 500_000_000))
  }
}
