package import Learning
package import Numerics
package import Wire

/// Where a worker's samples come from.
package protocol SampleSource {
  /// The samples of `split` at `indices`, with pixels in the order of `scan`.
  func minibatch(_ split: Split, indices: [Int], scan: Scan) -> Minibatch
  /// Number of samples in `split`.
  func count(_ split: Split) -> Int
}

/// Computes leases: the one place where a lease becomes numbers.
///
/// A result is a pure function of (settings, dataset, weights, work), to the bit. The computer owns
/// large scratch memory and belongs to one thread.
package final class LeaseComputer<Source: SampleSource> {
  private let settings: TrainingSettings
  private let plan: BatchPlan
  private let classifier: Classifier
  private let augmenter: Augmenter
  private let source: Source
  private var order: EpochOrder
  private var version: UInt64?

  /// A computer for the model that `settings` and `shape` describe.
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

  /// Uses these weights from now on.
  ///
  /// - Throws: ``LeaseError`` if they are not the model's.
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
  /// - Throws: ``LeaseError`` if the lease is not about this run, or came before any weights.
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
    // The slices are summed along the tree as far as this worker holds complete nodes of it.
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

/// Why a worker cannot compute what it was asked for. Only a server that speaks the protocol
/// wrongly brings this about.
package enum LeaseError: Error, Equatable, CustomStringConvertible {
  /// The weights are not the model's.
  case weights(shape: [Int], expected: Int)
  /// A lease came before any weights.
  case noWeights
  /// The run has no such batch, slices or samples.
  case work(Work)

  /// One line: what is wrong.
  package var description: String {
    switch self {
    case .weights(let shape, let expected):
      "the server's weights have shape \(shape), the model's are [\(expected)]"
    case .noWeights: "the server granted a lease before it sent any weights"
    case .work(let work): "the server granted work that this run does not have: \(work)"
    }
  }
}
