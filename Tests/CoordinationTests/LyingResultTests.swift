import Coordination
import Learning
import Numerics
import Testing
import Wire

/// Results that do not fit their leases, or hold numbers that are none.
@Suite struct LyingResultTests {
  private let settings = TrainingSettings.tiny(steps: 5)

  /// Ways to spoil a true result, and a part of the reason given for its rejection.
  static let lies: [(name: String, reason: String, spoil: @Sendable (LeaseResult) -> LeaseResult)] =
    [
      ("a sum too few", "sums for", { $0.with(sums: Array($0.sums.dropLast())) }),
      ("a sum too many", "sums for", { $0.with(sums: $0.sums + [SampleSums()]) }),
      ("other counts", "samples, not", { $0.with(sums: $0.sums.map { $0.with(count: 99) }) }),
      (
        "more hits than samples", "samples, not",
        { $0.with(sums: $0.sums.map { $0.with(correct: 99) }) }
      ),
      ("no contributions", "contributions for", { $0.with(parts: []) }),
      (
        "other slices", "contributions for",
        { $0.with(parts: $0.contributions.map { $0.with(slices: 1..<2) }) }
      ),
      (
        "a slice twice", "contributions for",
        { $0.with(parts: $0.contributions + $0.contributions) }
      ),
      (
        "another shape", "has shape [1, 108]",
        { $0.with(parts: $0.contributions.map { $0.reshaped([1, 108]) }) }
      ),
      ("too few values", "has shape [107]", { $0.with(values: Array($0.values.dropLast())) }),
      ("too many values", "has shape [109]", { $0.with(values: $0.values + [0]) }),
      (
        "another type", "not [108] of 32-bit floats",
        { $0.with(parts: $0.contributions.map(\.asIntegers)) }
      ),
      ("a version to come", "of version", { $0.with(version: $0.version + 1) }),
      ("no version", "of version", { $0.with(version: .max) }),
      ("NaN", "NaN, infinity", { $0.with(values: $0.values.dropLast() + [.nan]) }),
      ("infinity", "NaN, infinity", { $0.with(values: [-.infinity] + $0.values.dropFirst()) }),
      ("a loss of NaN", "NaN, infinity", { $0.with(sums: $0.sums.map { $0.with(loss: .nan) }) }),
      (
        "squares that overflow", "squares are too large",
        { $0.with(values: $0.values.map { _ in 3e19 }) }
      ),
    ]

  @Test(arguments: lies.indices, Mode.allCases)
  func aLieIsRejectedAndTheWorkDoneAgain(lie: Int, mode: Mode) throws {
    let (name, reason, spoil) = Self.lies[lie]
    let settings = TrainingSettings.tiny(mode, steps: 5)
    var calm = Cluster(settings, workers: 1)
    try calm.run()
    var cluster = Cluster(settings, workers: 1)
    let id = LeaseID(incarnation: 0xABC, counter: 2)
    cluster.workers[0].tamper = { [$0.id == id ? spoil($0) : $0] }
    try cluster.run()
    let rejections = cluster.verdicts.compactMap(\.rejection)
    #expect(rejections.count == 1, "\(name)")
    #expect(rejections.first?.contains(reason) == true, "\(name): \(rejections)")
    #expect(cluster.outcome == .completed)
    #expect(cluster.appliedBatches.sorted() == Array(0..<5))
    if mode == .sync { #expect(cluster.weights == calm.weights, "\(name)") }
  }

  @Test func gradientsOfOlderWeightsAreRejected() throws {
    for mode in Mode.allCases {
      var cluster = Cluster(.tiny(mode, steps: 5), workers: 1)
      cluster.workers[0].tamper = { [$0.version == 3 ? $0.with(version: 2) : $0] }
      try cluster.run { !$0.verdicts.isEmpty && $0.verdicts.last != .applied }
      #expect(cluster.verdicts.last?.rejection?.contains("of version 2") == true)
      #expect(cluster.server.version >= 3)
    }
  }

  @Test func anEvaluationThatLiesIsRejectedAndDoneAgain() throws {
    let lies: [@Sendable (LeaseResult) -> LeaseResult] = [
      { $0.with(sums: $0.sums + $0.sums) }, { $0.with(sums: []) },
      { $0.with(sums: $0.sums.map { $0.with(count: 3) }) },
      { $0.with(sums: $0.sums.map { $0.with(correct: 1000) }) },
      { $0.with(sums: $0.sums.map { $0.with(loss: .infinity) }) },
      { $0.with(version: 1) },
    ]
    var calm = Cluster(settings, workers: 1)
    try calm.run()
    for lie in lies {
      var cluster = Cluster(settings, workers: 2)
      let id = LeaseID(incarnation: 0xABC, counter: 10)
      cluster.workers[0].tamper = { [$0.id == id ? lie($0) : $0] }
      cluster.workers[1].tamper = cluster.workers[0].tamper
      try cluster.run()
      #expect(cluster.verdicts.compactMap(\.rejection).count == 1)
      #expect(cluster.evaluations.last?.results == calm.evaluations.last?.results)
    }
  }

  @Test(arguments: [UInt64?.none, 1, 2, 3])
  func whoeverLiesThreeTimesInARowIsSentAwayAndChangesNoBit(seed: UInt64?) throws {
    var cluster = Cluster(settings, workers: 3, shuffle: seed)
    cluster.workers[0].tamper = { [$0.with(values: $0.values.map { _ in .nan })] }
    try cluster.run()
    #expect(cluster.losses.first == "3 results in a row were rejected")
    let ending = WorkerCore.Ending.refused(.quarantined, detail: "3 results in a row were rejected")
    #expect(cluster.workers[0].ending == ending)
    #expect(cluster.outcome == .completed)
    #expect(cluster.weights == sequentialWeights(settings))
  }

  /// A duplicate says nothing good about a worker, so it does not make its lies forgotten.
  @Test func whoeverSendsEveryLieTwiceIsSentAwayToo() throws {
    var cluster = Cluster(settings, workers: 2)
    cluster.workers[0].tamper = { result in
      let lie = result.with(sums: [])
      return [lie, lie]
    }
    try cluster.run()
    #expect(cluster.losses.first == "3 results in a row were rejected")
    #expect(cluster.weights == sequentialWeights(settings))
  }

  @Test func aLieNowAndThenIsForgiven() throws {
    let lies: [@Sendable (LeaseResult) -> LeaseResult] = [
      { $0.with(sums: []) }, { $0.with(values: $0.values.map { _ in .nan }) },
    ]
    for lie in lies {
      var cluster = Cluster(settings, workers: 1)
      cluster.workers[0].tamper = { [$0.id.counter.isMultiple(of: 3) ? $0 : lie($0)] }
      try cluster.run()
      #expect(cluster.verdicts.compactMap(\.rejection).count > 6)
      #expect(cluster.outcome == .completed)
      #expect(cluster.weights == sequentialWeights(settings))
    }
  }

  @Test(arguments: Mode.allCases, [1, 2, 5])
  func theRunDivergesWhereNobodyFindsFiniteNumbers(mode: Mode, count: Int) throws {
    var cluster = Cluster(.tiny(mode, steps: 9), workers: count)
    try cluster.run { $0.server.version >= 2 }
    for index in 0..<count {
      cluster.workers[index].tamper = { [$0.with(values: $0.values.map { _ in .nan })] }
    }
    try cluster.run()
    let version = cluster.server.version
    #expect(cluster.outcome == .diverged(step: version))
    #expect(version < 9)
    #expect(cluster.workers.contains { $0.ending == .completed })
  }

  /// True divergence, without a lie: the weights leave the range of numbers.
  @Test(arguments: Mode.allCases)
  func aLearningRateThatIsFarTooLargeDiverges(mode: Mode) throws {
    let settings = TrainingSettings.tiny(mode, steps: 9) { $0.learningRate = 3e38 }
    var cluster = Cluster(settings, workers: 2)
    try cluster.run()
    guard case .diverged(let step) = cluster.outcome else {
      Issue.record("\(String(describing: cluster.outcome))")
      return
    }
    #expect(step < 9)
  }

  @Test func aWorkerAloneThatMakesItDivergeIsDrainedLikeAnyOther() throws {
    var cluster = Cluster(settings, workers: 1)
    cluster.workers[0].tamper = { [$0.with(values: $0.values.map { _ in .nan })] }
    try cluster.run()
    #expect(cluster.outcome == .diverged(step: 0))
    #expect(cluster.workers[0].ending == .completed)
  }

  /// One poisoner is sent away, the other worker leaves: that says nothing about the numbers.
  @Test func anEmptyRunDoesNotDiverge() throws {
    var cluster = Cluster(settings, workers: 2)
    cluster.workers[0].tamper = { [$0.with(values: $0.values.map { _ in .nan })] }
    try cluster.run { $0.workers[0].ending != nil && $0.workers[1].isBusy }
    cluster.disconnect(1)
    try cluster.run { $0.server.members.count == 0 }
    cluster.join()
    try cluster.run()
    #expect(cluster.outcome == .completed)
    #expect(cluster.weights == sequentialWeights(settings))
  }
}
