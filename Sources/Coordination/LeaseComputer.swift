package import Learning
package import Numerics
package import Wire

/// A source of samples for a worker, usually the dataset.
package protocol SampleSource {
  /// Returns the samples of `split` at `indices`, with pixels in the order of `scan`.
  func minibatch(_ split: Split, indices: [Int], scan: Scan) -> Minibatch
  /// Returns the number of samples in `split`.
  func count(_ split: Split) -> Int
}

/// The computation of leases: minibatch, augmentation, gradients or evaluation, result.
///
/// A result is a pure function of settings, dataset, weights and work, bit for bit. The computer
/// owns large scratch buffers and must be used by one thread only.
package final class LeaseComputer<Source: SampleSource> {
  private let settings: TrainingSettings
  private let plan: BatchPlan
  private let classifier: Classifier
  private let augmenter: Augmenter
  private let source: Source
  private var order: EpochOrder
  private var version: UInt64?

  /// Creates a computer for the model that `settings` and `shape` describe.
  ///
  /// - Parameter onTimeStep: called after each time step that is computed.
  package init(
    settings: TrainingSettings, shape: ModelShape, source: Source, kernels: Kernels,
    onTimeStep: @escaping () -> Void = {}
  ) {
    self.settings = settings
    self.source = source
    plan = BatchPlan(recipe: settings.recipe, sampleCount: source.count(.train))
    order = EpochOrder(count: source.count(.train), seed: settings.seed)
    classifier = Classifier(
      shape: shape, maximumRows: settings.recipe.batchSize, kernels: kernels,
      precision: settings.recipe.precision, onTimeStep: onTimeStep)
    augmenter = Augmenter(
      settings.recipe.augmentation, shape: shape, seed: settings.seed, kernels: kernels)
  }

  /// Loads the weights that subsequent leases are computed with.
  ///
  /// - Throws: ``LeaseError`` if their shape or type is not the model's.
  package func load(_ weights: EncodedTensor, version: UInt64) throws(LeaseError) {
    let count = classifier.shape.layout.count
    guard weights.shape == [count], let values = try? weights.floats() else {
      throw .weights(shape: weights.shape, expected: count)
    }
    classifier.load(weights: values)
    self.version = version
  }

  /// Computes one lease with the weights that were loaded last.
  ///
  /// - Throws: ``LeaseError`` if the lease is not part of this run, or no weights were loaded.
  package func compute(_ lease: Lease) throws(LeaseError) -> LeaseResult {
    guard let version else { throw .noWeights }
    switch lease.work {
    case .train(let batch, let slices):
      guard plan.contains(batch: batch, slices: slices.indices) else { throw .work(lease.work) }
      return train(lease.id, version: version, batch: batch, run: slices.indices)
    case .evaluate(let split, let samples):
      guard samples.upperBound <= UInt64(source.count(split)) else { throw .work(lease.work) }
      return evaluate(lease.id, version: version, split: split, samples: samples)
    }
  }

  private func train(
    _ id: LeaseID, version: UInt64, batch: UInt64, run: Range<Int>
  ) -> LeaseResult {
    let positions = plan.positions(batch: batch, slices: run)
    let images = source.minibatch(
      .train, indices: order.indices(positions: positions), scan: settings.recipe.scan)
    let minibatch = augmenter.augment(images, positions: positions)
    let sliceCount = plan.sliceCount(batch: batch)
    // Slices are summed along the tree as far as this run of slices contains complete nodes.
    let nodes = ReductionTree(leaves: sliceCount).cover(run)
    let result = classifier.train(
      minibatch: minibatch, slices: plan.rows(batch: batch, slices: run),
      runs: nodes.map { $0.lowerBound - run.lowerBound..<$0.upperBound - run.lowerBound },
      divisor: plan.size(ofBatch: batch), sliceCount: sliceCount)
    let width = classifier.shape.layout.count
    let contributions = zip(nodes, result.contributions).map { node, values in
      Contribution(slices: node.wire, values: EncodedTensor(float32: values, shape: [width]))
    }
    return LeaseResult(
      id: id, version: version, sums: result.sums,
      contributions: contributions)
  }

  private func evaluate(
    _ id: LeaseID, version: UInt64, split: Split, samples: Range<UInt64>
  ) -> LeaseResult {
    let indices = Array(Int(samples.lowerBound)..<Int(samples.upperBound))
    let minibatch = source.minibatch(split, indices: indices, scan: settings.recipe.scan)
    return LeaseResult(id: id, version: version, sums: [classifier.evaluate(minibatch)])
  }
}

/// An error that prevents a worker from computing a lease. It occurs only if the server violates
/// the protocol.
package enum LeaseError: Error, Equatable, CustomStringConvertible {
  /// The weights do not have the shape or type of the model's.
  case weights(shape: [Int], expected: Int)
  /// A lease arrived before any weights.
  case noWeights
  /// The run has no such batch, slices or samples.
  case work(Work)

  /// A one-line description of the error.
  package var description: String {
    switch self {
    case .weights(let shape, let expected):
      "the server's weights have shape \(shape), not [\(expected)]"
    case .noWeights: "the server granted a lease before it sent any weights"
    case .work(let work): "the server granted work that is not part of this run: \(work)"
    }
  }
}
