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
  private let shape: ModelShape
  private let kernels: Kernels
  private let onTimeStep: () -> Void
  /// The model, with memory for as many rows as the largest lease so far.
  private var classifier: Classifier?
  private var weights: PiecewiseVector?
  private let augmenter: Augmenter
  private let source: Source
  private let transfers: TransferLimits
  private var order: EpochOrder
  private var version: UInt64?

  /// Rows that are computed at a time in an evaluation, at least if a batch has as many.
  private static var evaluationRows: Int { 50 }

  /// Creates a computer for the model that `settings` and `shape` describe.
  ///
  /// - Parameters:
  ///   - transfers: the size of the pieces in which gradients are returned.
  ///   - onTimeStep: called after each time step that is computed.
  package init(
    settings: TrainingSettings, shape: ModelShape, source: Source, kernels: Kernels,
    transfers: TransferLimits = TransferLimits(), onTimeStep: @escaping () -> Void = {}
  ) {
    self.settings = settings
    self.source = source
    self.transfers = transfers
    plan = BatchPlan(recipe: settings.recipe, sampleCount: source.count(.train))
    order = EpochOrder(count: source.count(.train), seed: settings.seed)
    self.shape = shape
    self.kernels = kernels
    self.onTimeStep = onTimeStep
    augmenter = Augmenter(
      settings.recipe.augmentation, shape: shape, seed: settings.seed, kernels: kernels)
  }

  /// Loads the weights that subsequent leases are computed with.
  ///
  /// - Throws: ``LeaseError`` if their number is not the model's.
  package func load(_ weights: PiecewiseVector, version: UInt64) throws(LeaseError) {
    let count = shape.layout.count
    guard weights.count == count else { throw .weights(count: weights.count, expected: count) }
    classifier?.load(weights: weights.floats)
    self.weights = weights
    self.version = version
  }

  /// Returns the model with memory for at least `rows` rows, or for a whole batch.
  private func classifier(rows: Int) -> Classifier {
    if let classifier, classifier.maximumRows >= rows { return classifier }
    classifier = nil  // frees its memory before the new one allocates its own
    let new = Classifier(
      shape: shape, maximumRows: min(rows, settings.recipe.batchSize), kernels: kernels,
      precision: settings.recipe.precision, onTimeStep: onTimeStep)
    if let weights { new.load(weights: weights.floats) }
    classifier = new
    return new
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
    let result = classifier(rows: positions.count).train(
      minibatch: minibatch, slices: plan.rows(batch: batch, slices: run),
      runs: nodes.map { $0.lowerBound - run.lowerBound..<$0.upperBound - run.lowerBound },
      divisor: plan.size(ofBatch: batch), sliceCount: sliceCount)
    let contributions = zip(nodes, result.contributions).map { node, values in
      Contribution(slices: node.wire, values: PiecewiseVector(plain: values, limits: transfers))
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
    // The result does not depend on the number of rows that are computed at a time.
    let rows = min(indices.count, Self.evaluationRows)
    return LeaseResult(
      id: id, version: version, sums: [classifier(rows: rows).evaluate(minibatch)])
  }
}

/// An error that prevents a worker from computing a lease. It occurs only if the server violates
/// the protocol.
package enum LeaseError: Error, Equatable, CustomStringConvertible {
  /// The number of weights is not the model's.
  case weights(count: Int, expected: Int)
  /// A lease arrived before any weights.
  case noWeights
  /// The run has no such batch, slices or samples.
  case work(Work)

  /// A one-line description of the error.
  package var description: String {
    switch self {
    case .weights(let count, let expected):
      "the server sent \(count) weights instead of \(expected)"
    case .noWeights: "the server granted a lease before it sent any weights"
    case .work(let work): "the server granted work that is not part of this run: \(work)"
    }
  }
}
