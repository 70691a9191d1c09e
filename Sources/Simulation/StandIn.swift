import Coordination
import Learning
import Numerics
import Wire

/// Weights as a worker has them.
struct LoadedWeights: Sendable, Equatable {
  let version: UInt64
  /// Digest of their bits.
  let digest: UInt64
}

/// What stands in the place of the mathematics: numbers that are a pure function of the bits of the
/// weights and of the work, and quick to make.
///
/// A gradient has full mantissas and exponents far apart, so that a sum in another order, or with a
/// part twice or not at all, has other bits.
struct StandIn: Sendable {
  let plan: BatchPlan
  let width: Int

  init(_ settings: TrainingSettings, shape: ModelShape, dataset: DatasetDescription) {
    plan = BatchPlan(recipe: settings.recipe, sampleCount: dataset.training)
    width = shape.layout.count
  }

  /// What a worker with these weights computes for a lease; nil if there is no such work.
  func result(of lease: Lease, with weights: LoadedWeights) -> LeaseResult? {
    switch lease.work {
    case .train(let batch, let slices):
      let run = Int(slices.lowerBound)..<Int(slices.upperBound)
      guard plan.contains(batch: batch, slices: run) else { return nil }
      return LeaseResult(
        id: lease.id, version: weights.version,
        sums: run.map { sums(batch: batch, slices: $0..<$0 + 1, weights.digest) },
        contributions: contributions(batch: batch, run: run, weights.digest))
    case .evaluate(let split, let samples):
      return LeaseResult(
        id: lease.id, version: weights.version, sums: [sums(split, samples, weights.digest)])
    }
  }

  /// The gradient of one slice.
  func gradient(batch: UInt64, slice: Int, _ weights: UInt64) -> [Float] {
    let place = Dice.mixed(weights ^ (batch << 20) ^ UInt64(slice))
    return (0..<UInt64(width)).map { index in
      let bits = Dice.mixed(place &+ index)
      let exponent = 107 + UInt32(truncatingIfNeeded: bits >> 40) % 25  // 2^-20 to 2^4
      return Float(bitPattern: UInt32(truncatingIfNeeded: bits) & 0x807F_FFFF | exponent << 23)
    }
  }

  /// Loss and hits over a run of slices of a batch.
  func sums(batch: UInt64, slices: Range<Int>, _ weights: UInt64) -> SampleSums {
    sums(.train, plan.positions(batch: batch, slices: slices), weights)
  }

  /// Loss and hits over a run of samples: differences of a sum from the first sample on, in whole
  /// numbers, so that runs add up exactly however they are cut.
  func sums(_ split: Split, _ samples: Range<UInt64>, _ weights: UInt64) -> SampleSums {
    SampleSums(
      lossSum: loss(split, samples.upperBound, weights) - loss(split, samples.lowerBound, weights),
      correct: hits(samples.upperBound, weights) - hits(samples.lowerBound, weights),
      count: UInt64(samples.count))
  }

  private func loss(_ split: Split, _ end: UInt64, _ weights: UInt64) -> Double {
    let noise = Dice.mixed(weights ^ (end << 8) ^ UInt64(split.rawValue)) >> 34
    return Double(end << 30 + noise)
  }

  private func hits(_ end: UInt64, _ weights: UInt64) -> UInt64 {
    end * (1 + weights & 0x3F) / 64
  }

  private func contributions(
    batch: UInt64, run: Range<Int>, _ weights: UInt64
  ) -> [Contribution] {
    let tree = ReductionTree(leaves: plan.sliceCount(batch: batch))
    var sum = TreeSum(tree: tree, width: width)
    for slice in run {
      sum.add(slice..<slice + 1, gradient(batch: batch, slice: slice, weights))
    }
    return sum.complete.map { node in
      Contribution(
        slices: UInt32(node.slices.lowerBound)..<UInt32(node.slices.upperBound),
        values: EncodedTensor(float32: node.values, shape: [width]))
    }
  }
}

extension Optimizer {
  /// Digest of the bits of the weights: what a gradient depends on.
  var weightsDigest: UInt64 {
    var digest = Digest()
    digest.add(weights)
    return digest.value
  }

  /// Digest of everything an update changes.
  var stateDigest: UInt64 {
    var digest = Digest()
    for numbers in [weights, firstMoment, secondMoment] { digest.add(numbers) }
    return digest.value
  }
}
