import Learning
import Numerics
import Wire

/// Validation of results before any part of them is applied to the weights.
struct ResultCheck: Sendable {
  /// Number of values in a contribution.
  let width: Int
  /// The division of batches into slices.
  let plan: BatchPlan
  private let kernels = Kernels()

  /// Creates a check for contributions of `width` values under `plan`.
  init(width: Int, plan: BatchPlan) {
    self.width = width
    self.plan = plan
  }

  /// Returns the reason why the result does not match its lease, or nil if it does.
  func objection(to result: LeaseResult, for lease: Lease) -> String? {
    guard result.version == lease.version else {
      return "it was computed with weights version \(result.version), not \(lease.version)"
    }
    return switch lease.work {
    case .train(let batch, let slices): training(result, batch: batch, slices: slices)
    case .evaluate(_, let samples): evaluation(result, samples: samples)
    }
  }

  private func evaluation(_ result: LeaseResult, samples: Range<UInt64>) -> String? {
    guard result.contributions.isEmpty else { return "an evaluation must not have contributions" }
    guard let sums = result.sums.first, result.sums.count == 1 else {
      return "an evaluation must have one sum, not \(result.sums.count)"
    }
    guard sums.count == UInt64(samples.count), sums.correct <= sums.count else {
      return "the sums count \(sums.count) samples, not \(samples.count)"
    }
    return nil
  }

  private func training(
    _ result: LeaseResult, batch: UInt64, slices: Range<UInt32>
  ) -> String? {
    guard result.sums.count == slices.count else {
      return "it has \(result.sums.count) sums for \(slices.count) slices"
    }
    for (slice, sums) in zip(slices, result.sums) {
      let count = plan.positions(batch: batch, slice: Int(slice)).count
      guard sums.count == UInt64(count), sums.correct <= sums.count else {
        return "slice \(slice) counts \(sums.count) samples, not \(count)"
      }
    }
    let tree = ReductionTree(leaves: plan.sliceCount(batch: batch))
    let expected = tree.cover(Int(slices.lowerBound)..<Int(slices.upperBound))
    let received = result.contributions.map {
      Int($0.slices.lowerBound)..<Int($0.slices.upperBound)
    }
    guard received == expected else {
      return "it has contributions for \(received), not for \(expected)"
    }
    return result.contributions.lazy.compactMap(shape).first
  }

  private func shape(_ part: Contribution) -> String? {
    guard part.values.dtype == .float32, part.values.shape == [width] else {
      return "a contribution has shape \(part.values.shape), not [\(width)] of 32-bit floats"
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
        let squares = kernels.sumOfSquares(
          littleEndian: part.values.content, at: part.values.payloadOffset, count: width)
        return Float(squares).isFinite
      }
  }
}
