import Learning
import Numerics

/// One training step on one core with the work of a worker and a server: forward, backward, sum of
/// the slices, Adam, and packing the new weights for the next step.
struct TrainingStep {
  /// Floating-point operations of the matrix products of one step: with the LSTM's kernel in all
  /// time steps (the first has no previous output), with the transpose of its lower rows in all
  /// but the first, and with the transpose of the inputs in all.
  let operations: Double

  private let classifier: Classifier
  private let minibatch: Minibatch
  private let slices: [Range<Int>]
  private var optimizer: Optimizer

  /// Creates a step with the tutorial's initial weights and random pixels.
  init(shape: ModelShape, batch: Int, kernels: Kernels, precision: Precision) {
    let recipe = Recipe.tutorial
    optimizer = Optimizer(
      shape: shape, weights: recipe.initialWeights(shape: shape, seed: 1), kernels: kernels)
    classifier = Classifier(
      shape: shape, maximumRows: batch, kernels: kernels, precision: precision)
    classifier.load(weights: optimizer.weights)
    var random = RandomSource(seed: 1, stream: 0)
    minibatch = Minibatch(
      pixels: (0..<batch * shape.sampleLength).map { _ in random.uniform() },
      labels: (0..<batch).map { UInt8($0 % shape.classes) })
    let plan = BatchPlan(batchSize: batch, slices: 8, sampleCount: batch, length: .steps(1))
    slices = plan.rows(batch: 0, slices: 0..<8)
    let (inner, gates) = (Double(shape.features + shape.units), Double(4 * shape.units))
    let (steps, units) = (Double(shape.timeSteps), Double(shape.units))
    operations = 2 * Double(batch) * gates * (2 * steps * inner - units + (steps - 1) * units)
  }

  /// Runs one step.
  mutating func run() {
    let result = classifier.train(
      minibatch: minibatch, slices: slices, runs: [slices.indices], divisor: minibatch.rows,
      sliceCount: slices.count)
    _ = optimizer.apply(contribution: result.contributions[0], learningRate: 1e-6, clip: .none)
    classifier.load(weights: optimizer.weights)
  }
}
