import Coordination
import Learning
import Numerics
import Testing
import Wire

extension Cluster {
  /// The reported steps, in order.
  var steps: [StepReport] {
    reports.compactMap { if case .stepped(let step) = $0.report { step } else { nil } }
  }

  /// The reported evaluations, in order.
  var evaluations: [(step: UInt64, results: [SplitEvaluation])] {
    reports.compactMap {
      if case .evaluated(let step, let results) = $0.report { (step, results) } else { nil }
    }
  }

  /// The reported reasons for which members left or were evicted.
  var departures: [String] {
    reports.compactMap { if case .left(_, let reason, _) = $0.report { reason } else { nil } }
  }

  /// The batches whose gradients were applied, in order.
  var appliedBatches: [UInt64] {
    applied.compactMap {
      if case .train(let batch, _) = granted[$0.id]?.work { batch } else { nil }
    }
  }
}

/// Computes the weights of a synchronous run in a plain single-threaded loop: slice by slice,
/// summed by recursion, without leases, workers or messages.
func sequentialWeights(_ settings: TrainingSettings, data: TinyData = TinyData()) -> Bits {
  let shape = settings.tinyShape
  let plan = BatchPlan(recipe: settings.recipe, sampleCount: data.training)
  let classifier = Classifier(shape: shape, maximumRows: settings.recipe.batchSize)
  let augmenter = Augmenter(
    settings.recipe.augmentation, shape: shape, seed: settings.seed, kernels: Kernels())
  var order = EpochOrder(count: data.training, seed: settings.seed)
  var optimizer = settings.initialOptimizer
  for batch in 0..<plan.steps {
    classifier.load(weights: optimizer.weights)
    let count = plan.sliceCount(batch: batch)
    let slices = (0..<count).map { slice in
      let positions = plan.positions(batch: batch, slice: slice)
      let images = data.minibatch(
        .train, indices: order.indices(positions: positions), scan: settings.recipe.scan)
      return classifier.train(
        minibatch: augmenter.augment(images, positions: positions),
        slices: [0..<images.rows], divisor: plan.size(ofBatch: batch), sliceCount: count
      )[0].contribution
    }
    _ = optimizer.apply(
      contribution: recursiveSum(slices[...]),
      learningRate: settings.recipe.learningRate(step: batch, of: plan.steps),
      clip: settings.recipe.clip)
  }
  return Bits(optimizer.weights)
}

/// Returns the sum of the left half, rounded up, and the right half, each summed in the same way.
func recursiveSum(_ parts: ArraySlice<[Float]>) -> [Float] {
  guard parts.count > 1 else { return parts[parts.startIndex] }
  let middle = parts.startIndex + (parts.count + 1) / 2
  return zip(recursiveSum(parts[..<middle]), recursiveSum(parts[middle...])).map(+)
}

/// The bits of weights, displayed as a short digest when a test fails.
struct Bits: Equatable, CustomTestStringConvertible {
  private let patterns: [UInt32]

  init(_ values: [Float]) { patterns = values.map(\.bitPattern) }

  var testDescription: String {
    let digest = patterns.reduce(UInt64(14_695_981_039_346_656_037)) {
      ($0 ^ UInt64($1)) &* 1_099_511_628_211
    }
    return "\(patterns.count) values of digest \(String(digest, radix: 16))"
  }
}
