import Coordination
import Learning
import Numerics
import Testing
import Wire

@Suite struct LeaseComputerTests {
  private let settings = TrainingSettings.tiny(steps: 3)
  private let data = TinyData()

  private func computer(loaded: Bool = true) throws -> LeaseComputer<TinyData> {
    let computer = LeaseComputer(
      settings: settings, shape: settings.tinyShape, source: data, kernels: Kernels())
    if loaded { try computer.load(weights, version: 4) }
    return computer
  }

  private var weights: PiecewiseVector {
    PiecewiseVector(settings.initialOptimizer.weights, limits: TransferLimits(pieceElements: 50))
  }

  private func lease(_ work: Work) -> Lease {
    Lease(id: LeaseID(incarnation: 1, counter: 2), version: 4, work: work)
  }

  @Test func aResultContainsItsLeaseAndWeightsVersion() throws {
    let result = try computer().compute(lease(.train(batch: 0, slices: 0..<4)))
    #expect(result.id == LeaseID(incarnation: 1, counter: 2))
    #expect(result.version == 4)
    #expect(result.sums.map(\.count) == [2, 3, 2, 3])
    #expect(result.contributions.map(\.slices) == [0..<4])
  }

  @Test func aRunThatIsNotANodeIsPushedAsItsNodes() throws {
    let result = try computer().compute(lease(.train(batch: 1, slices: 1..<4)))
    #expect(result.sums.count == 3)
    #expect(result.contributions.map(\.slices) == [1..<2, 2..<4])
  }

  /// A slice has the same bits whether it is computed alone or together with others.
  @Test func aSliceDoesNotDependOnItsNeighbours() throws {
    let computer = try computer()
    let both = try computer.compute(lease(.train(batch: 2, slices: 2..<4)))
    let parts = try (2..<4).map { slice in
      try computer.compute(lease(.train(batch: 2, slices: slice..<slice + 1)))
    }
    #expect(both.sums == parts.flatMap(\.sums))
    let sum = recursiveSum(parts.map(\.values)[...])
    #expect(Bits(both.values) == Bits(sum))
  }

  @Test func everyVariantOfTheKernelsGivesTheSameBits() throws {
    let results = try KernelVariant.supported.map { variant in
      let computer = LeaseComputer(
        settings: settings, shape: settings.tinyShape, source: data, kernels: Kernels(variant))
      try computer.load(weights, version: 4)
      return try computer.compute(lease(.train(batch: 0, slices: 0..<3)))
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  @Test func anEvaluationHasOneSumAndNoContribution() throws {
    let result = try computer().compute(lease(.evaluate(split: .test, samples: 3..<11)))
    #expect(result.sums.count == 1 && result.sums[0].count == 8)
    #expect(result.contributions.isEmpty)
  }

  @Test func aLeaseBeforeAnyWeightsIsAnError() throws {
    let computer = try computer(loaded: false)
    #expect(throws: LeaseError.noWeights) {
      try computer.compute(lease(.train(batch: 0, slices: 0..<1)))
    }
  }

  @Test(arguments: [
    Work.train(batch: 3, slices: 0..<1), .train(batch: .max, slices: 0..<1),
    .train(batch: 0, slices: 3..<5), .train(batch: 0, slices: 0..<UInt32.max),
    .evaluate(split: .test, samples: 5..<12),
    .evaluate(split: .validation, samples: 0..<UInt64.max),
  ])
  func workThatIsNotPartOfTheRunIsAnError(work: Work) throws {
    let computer = try computer()
    #expect(throws: LeaseError.work(work)) { try computer.compute(lease(work)) }
  }

  @Test func weightsOfAnotherModelAreAnError() throws {
    let computer = try computer()
    for count in [107, 109] {
      #expect(throws: LeaseError.weights(count: count, expected: 108)) {
        try computer.load(PiecewiseVector([Float](repeating: 0, count: count)), version: 5)
      }
    }
    let result = try computer.compute(lease(.train(batch: 0, slices: 0..<1)))
    #expect(result.version == 4)
  }

  @Test func anErrorDescriptionIsOneLineWithTheOffendingValue() {
    let errors: [(LeaseError, String)] = [
      (.noWeights, "before it sent any weights"), (.weights(count: 3, expected: 4), "3 weights"),
      (.work(.train(batch: 77, slices: 0..<1)), "77"),
    ]
    for (error, part) in errors {
      #expect(error.description.contains(part))
      #expect(!error.description.contains("\n"))
    }
  }
}
