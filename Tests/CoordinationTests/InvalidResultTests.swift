import Coordination
import Learning
import Numerics
import Testing
import Wire

/// Results that do not match their leases, or contain values that are not finite.
@Suite struct InvalidResultTests {
  typealias Invalidation = @Sendable (LeaseResult) -> LeaseResult

  private let settings = TrainingSettings.tiny(steps: 5)

  /// Ways to invalidate a correct result, each with part of the expected reason for its rejection.
  static let variants: [(name: String, reason: String, invalidate: Invalidation)] = [
    ("a missing sum", "sums for", { $0.with(sums: Array($0.sums.dropLast())) }),
    ("an extra sum", "sums for", { $0.with(sums: $0.sums + [SampleSums()]) }),
    ("wrong counts", "samples, not", { $0.with(sums: $0.sums.map { $0.with(count: 99) }) }),
    (
      "more correct samples than samples", "samples, not",
      { $0.with(sums: $0.sums.map { $0.with(correct: 99) }) }
    ),
    ("no contributions", "contributions for", { $0.with(parts: []) }),
    (
      "wrong slices", "contributions for",
      { $0.with(parts: $0.contributions.map { $0.with(slices: 1..<2) }) }
    ),
    (
      "a slice twice", "contributions for",
      { $0.with(parts: $0.contributions + $0.contributions) }
    ),
    ("a later version", "weights version", { $0.with(version: $0.version + 1) }),
    ("an impossible version", "weights version", { $0.with(version: .max) }),
  ]

  /// Ways to make a correct result one that is not finite.
  static let notFinite: [(name: String, reason: String, invalidate: Invalidation)] = [
    ("NaN", "NaN, infinity", { $0.with(values: $0.values.dropLast() + [.nan]) }),
    ("infinity", "NaN, infinity", { $0.with(values: [-.infinity] + $0.values.dropFirst()) }),
    ("a loss of NaN", "NaN, infinity", { $0.with(sums: $0.sums.map { $0.with(loss: .nan) }) }),
    (
      "squares that overflow", "squares overflow",
      { $0.with(values: $0.values.map { _ in 3e19 }) }
    ),
  ]

  @Test(arguments: variants.indices, Mode.allCases)
  func anInvalidResultIsRejectedAndItsWorkRepeated(variant: Int, mode: Mode) throws {
    let (name, reason, invalidate) = Self.variants[variant]
    let settings = TrainingSettings.tiny(mode, steps: 5)
    var undisturbed = Cluster(settings, workers: 1)
    try undisturbed.run()
    var cluster = Cluster(settings, workers: 1)
    let id = LeaseID(incarnation: 0xABC, counter: 2)
    cluster.workers[0].tamper = { [$0.id == id ? invalidate($0) : $0] }
    try cluster.run()
    let rejections = cluster.verdicts.compactMap(\.rejection)
    #expect(rejections.count == 1, "\(name)")
    #expect(rejections.first?.contains(reason) == true, "\(name): \(rejections)")
    #expect(cluster.outcome == .completed)
    #expect(cluster.appliedBatches.sorted() == Array(0..<5))
    if mode == .sync { #expect(cluster.weights == undisturbed.weights, "\(name)") }
  }

  @Test(arguments: notFinite.indices, Mode.allCases)
  func aResultThatIsNotFiniteIsRejectedAndTheServersOwnIsUsed(variant: Int, mode: Mode) throws {
    let (name, reason, invalidate) = Self.notFinite[variant]
    let settings = TrainingSettings.tiny(mode, steps: 5)
    var cluster = Cluster(settings, workers: 1)
    let id = LeaseID(incarnation: 0xABC, counter: 2)
    cluster.workers[0].tamper = { [$0.id == id ? invalidate($0) : $0] }
    try cluster.run { !$0.departures.isEmpty }
    cluster.join()
    try cluster.run()
    let rejections = cluster.verdicts.compactMap(\.rejection)
    #expect(rejections.count == 1, "\(name)")
    #expect(rejections.first?.contains(reason) == true, "\(name): \(rejections)")
    #expect(cluster.outcome == .completed)
    #expect(cluster.recomputed == [id])
    #expect((0..<5).allSatisfy(cluster.server.applied.contains))
    if mode == .sync { #expect(cluster.weights == sequentialWeights(settings), "\(name)") }
  }

  /// Pieces that are not those that were announced, each with part of the reason.
  static let malformed: [(name: String, reason: String, invalidate: Invalidation)] = [
    (
      "wrong shape", "has shape [1, 108]",
      { $0.with(parts: $0.contributions.map { $0.reshaped([1, 108]) }) }
    ),
    ("too few values", "has shape [107]", { $0.with(values: Array($0.values.dropLast())) }),
    ("too many values", "has shape [109]", { $0.with(values: $0.values + [0]) }),
    (
      "wrong type", "not [108] of 32-bit floats",
      { $0.with(parts: $0.contributions.map(\.asIntegers)) }
    ),
  ]

  @Test(arguments: malformed.indices)
  func aWorkerWithMalformedPiecesIsEvictedAndItsWorkRepeated(variant: Int) throws {
    let (name, reason, invalidate) = Self.malformed[variant]
    var cluster = Cluster(settings, workers: 2)
    cluster.workers[0].tamper = { [invalidate($0)] }
    try cluster.run()
    #expect(cluster.departures.first?.contains(reason) == true, "\(name): \(cluster.departures)")
    guard case .refused(.malformed, _) = cluster.workers[0].ending else {
      Issue.record("\(name): \(String(describing: cluster.workers[0].ending))")
      return
    }
    #expect(cluster.outcome == .completed)
    #expect(cluster.weights == sequentialWeights(settings))
  }

  @Test func aResultWithAnotherWeightsVersionIsRejected() throws {
    for mode in Mode.allCases {
      var cluster = Cluster(.tiny(mode, steps: 5), workers: 1)
      cluster.workers[0].tamper = { [$0.version == 3 ? $0.with(version: 2) : $0] }
      try cluster.run { !$0.verdicts.isEmpty && $0.verdicts.last != .applied }
      #expect(cluster.verdicts.last?.rejection?.contains("weights version 2") == true)
      #expect(cluster.server.version >= 3)
    }
  }

  @Test func anInvalidEvaluationIsRejectedAndRepeated() throws {
    let variants: [@Sendable (LeaseResult) -> LeaseResult] = [
      { $0.with(sums: $0.sums + $0.sums) }, { $0.with(sums: []) },
      { $0.with(sums: $0.sums.map { $0.with(count: 3) }) },
      { $0.with(sums: $0.sums.map { $0.with(correct: 1000) }) },
      { $0.with(sums: $0.sums.map { $0.with(loss: .infinity) }) },
      { $0.with(version: 1) },
    ]
    var undisturbed = Cluster(settings, workers: 1)
    try undisturbed.run()
    for invalidate in variants {
      var cluster = Cluster(settings, workers: 2)
      let id = LeaseID(incarnation: 0xABC, counter: 10)
      cluster.workers[0].tamper = { [$0.id == id ? invalidate($0) : $0] }
      cluster.workers[1].tamper = cluster.workers[0].tamper
      try cluster.run()
      #expect(cluster.verdicts.compactMap(\.rejection).count == 1)
      #expect(cluster.evaluations.last?.results == undisturbed.evaluations.last?.results)
    }
  }

  @Test(arguments: [UInt64?.none, 1, 2, 3])
  func aWorkerWithThreeInvalidResultsInARowIsQuarantinedAndChangesNoBit(seed: UInt64?) throws {
    var cluster = Cluster(settings, workers: 3, shuffle: seed)
    cluster.workers[0].tamper = { [$0.with(sums: [])] }
    try cluster.run()
    #expect(cluster.departures.first == "3 results in a row were rejected")
    let ending = WorkerCore.Ending.refused(.quarantined, detail: "3 results in a row were rejected")
    #expect(cluster.workers[0].ending == ending)
    #expect(cluster.outcome == .completed)
    #expect(cluster.weights == sequentialWeights(settings))
  }

  /// A duplicate does not reset the count of consecutive rejections.
  @Test func aWorkerThatRepeatsItsInvalidResultsIsQuarantined() throws {
    var cluster = Cluster(settings, workers: 2)
    cluster.workers[0].tamper = { result in
      let invalid = result.with(sums: [])
      return [invalid, invalid]
    }
    try cluster.run()
    #expect(cluster.departures.first == "3 results in a row were rejected")
    #expect(cluster.weights == sequentialWeights(settings))
  }

  @Test func occasionalInvalidResultsDoNotLeadToQuarantine() throws {
    var cluster = Cluster(settings, workers: 1)
    cluster.workers[0].tamper = { [$0.id.counter.isMultiple(of: 3) ? $0 : $0.with(sums: [])] }
    try cluster.run()
    #expect(cluster.verdicts.compactMap(\.rejection).count > 6)
    #expect(cluster.outcome == .completed)
    #expect(cluster.weights == sequentialWeights(settings))
  }
}
