import Coordination
import Learning
import Numerics
import Testing
import Wire

/// The result does not depend on the workers with any option of a recipe.
@Suite struct RecipeOptionsTests {
  static func settings(
    _ mode: Mode = .sync, augmentation: Augmentation = .affine(shift: 1, warp: 0.2),
    schedule: Schedule = .cosine, warmUp: UInt64 = 2, layers: Int = 1
  ) -> TrainingSettings {
    TrainingSettings.tiny(mode, steps: 7, evaluateEvery: 3) { recipe in
      recipe.layers = layers
      recipe.augmentation = augmentation
      (recipe.schedule, recipe.warmUp) = (schedule, warmUp)
    }
  }

  static func result(
    _ settings: TrainingSettings, workers: Int, shuffle: UInt64? = nil
  ) throws -> Bits {
    var cluster = Cluster(settings, workers: workers, shuffle: shuffle)
    try cluster.run()
    #expect(cluster.outcome == .completed)
    return cluster.weights
  }

  @Test(arguments: [1, 2, 3, 8], [UInt64](1...3))
  func theWeightsAreThoseOfASequentialLoopForAnyNumberOfWorkers(count: Int, shuffle: UInt64) throws
  {
    for layers in 1...2 {
      let settings = Self.settings(layers: layers)
      let weights = try Self.result(settings, workers: count, shuffle: shuffle)
      #expect(weights == sequentialWeights(settings))
    }
  }

  @Test(arguments: [
    settings(augmentation: .none), settings(schedule: .constant), settings(warmUp: 0),
    settings(augmentation: .affine(shift: 1, warp: 0)), settings(layers: 2),
  ])
  func everyOptionHasAnEffect(other: TrainingSettings) throws {
    #expect(
      try Self.result(other, workers: 1) != Self.result(Self.settings(), workers: 1))
  }

  @Test func aWorkerThatIsLostInTheMiddleChangesNoBit() throws {
    let settings = Self.settings()
    var cluster = Cluster(settings, workers: 3, shuffle: 4)
    try cluster.run { $0.server.version == 3 }
    cluster.disconnect(1)
    try cluster.run()
    #expect(cluster.weights == sequentialWeights(settings))
  }

  @Test(arguments: KernelVariant.supported)
  func everyVariantOfTheKernelsGivesTheSameBits(variant: KernelVariant) throws {
    let settings = Self.settings()
    let results = try [variant, .best].map { variant in
      let computer = LeaseComputer(
        settings: settings, shape: settings.tinyShape, source: TinyData(),
        kernels: Kernels(variant))
      let weights = settings.initialOptimizer.weights
      try computer.load(PiecewiseVector(weights), version: 0)
      return try computer.compute(
        Lease(
          id: LeaseID(incarnation: 1, counter: 2), version: 0,
          work: .train(batch: 5, slices: 0..<4)))
    }
    #expect(results[0] == results[1])
  }

  /// Evaluations use the images without augmentation: with the same weights, the results agree.
  @Test func evaluationsAreNotAugmented() throws {
    let results = try [Self.settings(), Self.settings(augmentation: .none)].map { settings in
      let computer = LeaseComputer(
        settings: settings, shape: settings.tinyShape, source: TinyData(), kernels: Kernels())
      let weights = settings.initialOptimizer.weights
      try computer.load(PiecewiseVector(weights), version: 0)
      return try [Split.train, .validation, .test].map { split in
        try computer.compute(
          Lease(
            id: LeaseID(incarnation: 1, counter: 2), version: 0,
            work: .evaluate(split: split, samples: 0..<9)))
      }
    }
    #expect(results[0] == results[1])
  }

  @Test func theRateOfEachUpdateIsReported() throws {
    var cluster = Cluster(Self.settings(), workers: 2)
    try cluster.run()
    let recipe = Self.settings().recipe
    #expect(
      cluster.steps.map(\.learningRate) == (0..<7).map { recipe.learningRate(step: $0, of: 7) })
    #expect(Set(cluster.steps.map(\.learningRate)).count >= 6)
  }

  /// The k-th update has the k-th learning rate, independently of its batch.
  @Test func asynchronousUpdatesFollowTheSchedule() throws {
    let settings = Self.settings(.async, augmentation: .none)
    let constant = Self.settings(.async, augmentation: .none, schedule: .constant, warmUp: 0)
    let weights = try Self.result(settings, workers: 1)
    #expect(weights == sequentialWeights(settings))
    #expect(try Self.result(constant, workers: 1) != weights)
  }
}
