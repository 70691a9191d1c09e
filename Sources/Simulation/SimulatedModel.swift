import Coordination
import Learning
import Numerics
import Wire

/// The weights that a worker has.
struct LoadedWeights: Sendable, Equatable {
  let version: UInt64
  /// Digest of the bit patterns.
  let digest: UInt64
}

/// Replacement for the numerical computation: values that are a pure function of the work and of
/// the bits of the weights, and fast to compute.
///
/// Gradients have full mantissas and widely different exponents, so that a sum in another order, or
/// with a term missing or repeated, differs in its bits.
struct SimulatedModel: Sendable {
  let plan: BatchPlan
  let width: Int
  private let transfers: TransferLimits

  init(
    _ settings: TrainingSettings, shape: ModelShape, dataset: DatasetDescription,
    transfers: TransferLimits = TransferLimits()
  ) {
    self.transfers = transfers
    plan = BatchPlan(recipe: settings.recipe, sampleCount: dataset.training)
    width = shape.layout.count
  }

  /// Returns the result of a lease with the given weights; nil if the work does not exist.
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

  /// Returns the gradient of one slice.
  func gradient(batch: UInt64, slice: Int, _ weights: UInt64) -> [Float] {
    let place = SplitMix64.mixed(weights ^ (batch << 20) ^ UInt64(slice))
    return (0..<UInt64(width)).map { index in
      let bits = SplitMix64.mixed(place &+ index)
      let exponent = 107 + UInt32(truncatingIfNeeded: bits >> 40) % 25  // 2^-20 to 2^4
      return Float(bitPattern: UInt32(truncatingIfNeeded: bits) & 0x807F_FFFF | exponent << 23)
    }
  }

  /// Returns loss and correct predictions over a range of slices of a batch.
  func sums(batch: UInt64, slices: Range<Int>, _ weights: UInt64) -> SampleSums {
    sums(.train, plan.positions(batch: batch, slices: slices), weights)
  }

  /// Returns loss and correct predictions over a range of samples. They are differences of integral
  /// prefix sums, so adjacent ranges add up exactly.
  func sums(_ split: Split, _ samples: Range<UInt64>, _ weights: UInt64) -> SampleSums {
    SampleSums(
      lossSum: loss(split, samples.upperBound, weights) - loss(split, samples.lowerBound, weights),
      correct: hits(samples.upperBound, weights) - hits(samples.lowerBound, weights),
      count: UInt64(samples.count))
  }

  private func loss(_ split: Split, _ end: UInt64, _ weights: UInt64) -> Double {
    let noise = SplitMix64.mixed(weights ^ (end << 8) ^ UInt64(split.rawValue)) >> 34
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
        values: PiecewiseVector(node.values, limits: transfers))
    }
  }
}

extension Optimizer {
  /// Digest of the bit patterns of the weights, on which gradients depend.
  var weightsDigest: UInt64 {
    var digest = FloatDigest()
    digest.combine(weights)
    return digest.value
  }

  /// Digest of everything that an update changes.
  var stateDigest: UInt64 {
    var digest = FloatDigest()
    for numbers in [weights, firstMoment, secondMoment] { digest.combine(numbers) }
    return digest.value
  }
}

extension LeaseResult {
  /// Returns whether two results have the same content, whatever their pieces and duration.
  func equals(_ other: LeaseResult) -> Bool {
    id == other.id && version == other.version && sums == other.sums
      && contributions.map(\.slices) == other.contributions.map(\.slices)
      && contributions.map(\.values.floats) == other.contributions.map(\.values.floats)
  }
}
