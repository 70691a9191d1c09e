import Coordination
import Learning
import Numerics
import Wire

/// A small run: the settings, the sizes, and the results that an honest worker returns.
struct TinyRun: Sendable {
  /// Size of the images in pixels, and the number of classes.
  static let side = 2, classes = 2

  let settings: TrainingSettings
  let dataset: DatasetDescription
  let shape: ModelShape
  let policy: Policy

  /// Creates a run.
  init(
    settings: TrainingSettings, dataset: DatasetDescription, shape: ModelShape,
    policy: Policy = Policy()
  ) {
    self.settings = settings
    self.dataset = dataset
    self.shape = shape
    self.policy = policy
  }

  /// Creates the variant that a source describes: a model of 20 weights and five batches.
  init(_ source: inout ByteSource) {
    var recipe = Recipe.tutorial
    (recipe.units, recipe.batchSize, recipe.length) = (1, 4, .steps(5))
    recipe.slices = source.pick([1, 2, 3, 4])
    recipe.evaluateEvery = source.pick([0, 1, 2, 3])
    var settings = TrainingSettings(recipe: recipe, mode: source.pick(Mode.allCases), seed: 1)
    if settings.mode == .bounded { settings.stalenessBound = UInt64(source.below(2)) }
    if settings.mode != .sync { settings.maximumStaleness = source.pick([nil, 0, 1]) }
    self.init(
      settings: settings,
      dataset: DatasetDescription(fingerprint: "tiny", training: 6, validation: 3, test: 2),
      shape: ModelShape(
        recipe: recipe, height: Self.side, width: Self.side, classes: Self.classes),
      policy: Self.policy(&source))
  }

  private static func policy(_ source: inout ByteSource) -> Policy {
    var policy = Policy(
      startWith: 1 + source.below(2), minimumWorkers: 1 + source.below(2), maximumWorkers: 3,
      checkpoints: source.pick([.never, .steps(1), .time(.seconds(1))]),
      finalEvaluation: source.pick(FinalEvaluation.allCases),
      transfers: TransferLimits(
        pieceElements: source.pick([1, 7, 20, 32]), windowBytes: source.pick([0, 40, 1000])))
    policy.heartbeatLimit = 3
    return policy
  }

  /// The division of the run into batches.
  var plan: BatchPlan { BatchPlan(recipe: settings.recipe, sampleCount: dataset.training) }

  /// The numbers of elements in the pieces of a vector.
  var pieceCounts: Set<Int> {
    let (size, width) = (policy.transfers.pieceElements, shape.layout.count)
    return width % size == 0 ? [size] : [min(size, width), width % size]
  }

  /// The state before the first update.
  var initialState: ServerState {
    ServerState(
      settings: settings, dataset: dataset.fingerprint,
      optimizer: Optimizer(
        shape: shape, weights: settings.recipe.initialWeights(shape: shape, seed: settings.seed)))
  }

  // MARK: Results

  /// Returns the gradient of one slice: multiples of 1/64, whose sums are exact in any order.
  private func gradient(batch: UInt64, slice: UInt32) -> [Float] {
    (0..<shape.layout.count).map { index in
      let mixed = (batch &* 31 &+ UInt64(slice) &* 7 &+ UInt64(index)) &* 0x9E37_79B9_7F4A_7C15
      return Float(Int(mixed >> 56) - 128) / 64
    }
  }

  /// Returns the sum of the gradients of adjacent slices.
  func gradient(batch: UInt64, slices: Range<UInt32>) -> [Float] {
    slices.reduce(into: [Float](repeating: 0, count: shape.layout.count)) { sum, slice in
      for (index, value) in gradient(batch: batch, slice: slice).enumerated() {
        sum[index] += value
      }
    }
  }

  /// Returns the result of a lease; nil if the run has no such work.
  func result(of lease: Lease) -> LeaseResult? {
    switch lease.work {
    case .train(let batch, let slices):
      let run = Int(slices.lowerBound)..<Int(slices.upperBound)
      guard plan.contains(batch: batch, slices: run) else { return nil }
      let values = PiecewiseVector(
        plain: gradient(batch: batch, slices: slices), limits: policy.transfers)
      return LeaseResult(
        id: lease.id, version: lease.version,
        sums: run.map { sums(plan.positions(batch: batch, slice: $0).count) },
        contributions: [Contribution(slices: slices, values: values)])
    case .evaluate(let split, let samples):
      guard samples.upperBound <= UInt64(count(split)) else { return nil }
      return LeaseResult(id: lease.id, version: lease.version, sums: [sums(samples.count)])
    }
  }

  private func sums(_ count: Int) -> SampleSums {
    SampleSums(lossSum: Double(count) / 2, correct: UInt64(count) / 2, count: UInt64(count))
  }

  /// Returns the number of samples in a split.
  func count(_ split: Split) -> Int {
    switch split {
    case .train: dataset.training
    case .validation: dataset.validation
    case .test: dataset.test
    }
  }

  /// The weights after every number of updates in mode `sync`, computed without a server.
  var synchronousWeights: [[Float]] {
    var optimizer = initialState.optimizer
    return [optimizer.weights]
      + (0..<plan.steps).map { step in
        let slices = UInt32(plan.sliceCount(batch: step))
        _ = optimizer.apply(
          contribution: gradient(batch: step, slices: 0..<slices),
          learningRate: settings.recipe.learningRate(step: step, of: plan.steps),
          clip: settings.recipe.clip)
        return optimizer.weights
      }
  }
}
