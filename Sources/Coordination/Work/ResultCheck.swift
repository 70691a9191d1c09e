import Learning
import Numerics
import Wire

/// Validation of results before any part of them is applied to the weights.
struct ResultCheck: Sendable {
  /// The division of batches into slices.
  let plan: BatchPlan
  private let kernels: Kernels

  /// Creates a check under `plan`.
  init(plan: BatchPlan, kernels: Kernels) {
    (self.plan, self.kernels) = (plan, kernels)
  }

  /// The greatest mean loss of a sample in nats: twice the range of 32-bit logits.
  private static let greatestLoss = 2 * Double(Float.greatestFiniteMagnitude)

  /// Returns the reason why the announced result does not match its lease, or nil if it does.
  func objection(to result: Push, for lease: Lease) -> String? {
    guard result.version == lease.version else {
      return "it was computed with weights version \(result.version), not \(lease.version)"
    }
    return switch lease.work {
    case .train(let batch, let slices): training(result, batch: batch, slices: slices)
    case .evaluate(_, let samples): evaluation(result, samples: samples)
    }
  }

  private func evaluation(_ result: Push, samples: Range<UInt64>) -> String? {
    guard result.contributions.isEmpty else { return "an evaluation must not have contributions" }
    guard let sums = result.sums.first, result.sums.count == 1 else {
      return "an evaluation must have one sum, not \(result.sums.count)"
    }
    guard sums.count == UInt64(samples.count), sums.correct <= sums.count else {
      return "the sums count \(sums.count) samples, not \(samples.count)"
    }
    return loss(sums)
  }

  /// Returns an objection to a sum of losses that no model can have. A sum that is not finite is
  /// checked by ``isUsable(_:)`` instead.
  private func loss(_ sums: SampleSums) -> String? {
    let limit = Self.greatestLoss * Double(sums.count)
    guard sums.lossSum.isFinite, sums.lossSum < 0 || sums.lossSum > limit else { return nil }
    return "its loss, \(sums.lossSum) for \(sums.count) samples, is outside of the possible range"
  }

  private func training(
    _ result: Push, batch: UInt64, slices: Range<UInt32>
  ) -> String? {
    guard result.sums.count == slices.count else {
      return "it has \(result.sums.count) sums for \(slices.count) slices"
    }
    for (slice, sums) in zip(slices, result.sums) {
      let count = plan.positions(batch: batch, slice: Int(slice)).count
      guard sums.count == UInt64(count), sums.correct <= sums.count else {
        return "slice \(slice) counts \(sums.count) samples, not \(count)"
      }
      if let objection = loss(sums) { return objection }
    }
    let tree = ReductionTree(leaves: plan.sliceCount(batch: batch))
    let expected = tree.cover(Int(slices.lowerBound)..<Int(slices.upperBound))
    let received = result.contributions.map { (slices: Range<UInt32>) -> Range<Int> in
      slices.indices
    }
    guard received == expected else {
      return "it has contributions for \(received), not for \(expected)"
    }
    return nil
  }

  /// Returns whether every number in a result is finite, and small enough for the optimizer's
  /// second moment to hold its square; a square that overflows would become NaN one step later.
  ///
  /// - Precondition: there is no objection to the result.
  func isUsable(_ result: LeaseResult) -> Bool {
    result.sums.allSatisfy { $0.lossSum.isFinite }
      && result.contributions.allSatisfy { part in
        Float(kernels.sumOfSquares(part.values.floats)).isFinite
      }
  }
}
