package import Numerics

/// The sum of the gradients of adjacent slices, which form a complete subtree of the reduction
/// tree.
package struct Contribution: Sendable, Hashable {
  /// The nonempty range of slices under the root of the subtree.
  package let slices: Range<UInt32>
  /// The sum of the gradients as a flat vector in the order of the model's layout.
  package let values: PiecewiseVector

  /// Creates a contribution.
  package init(slices: Range<UInt32>, values: PiecewiseVector) {
    self.slices = slices
    self.values = values
  }
}

/// The result that a worker computed for a lease.
package struct LeaseResult: Sendable, Hashable {
  /// The lease that the result fulfills.
  package let id: LeaseID
  /// The version of the weights that the worker used.
  package let version: UInt64
  /// The duration of the computation in microseconds.
  package let computeMicroseconds: UInt64
  /// Loss and correct predictions: one entry per slice for training, a single one for an
  /// evaluation.
  package let sums: [SampleSums]
  /// Gradients in ascending order of slices; empty for an evaluation.
  package let contributions: [Contribution]

  /// Creates a result.
  package init(
    id: LeaseID, version: UInt64, computeMicroseconds: UInt64 = 0, sums: [SampleSums],
    contributions: [Contribution] = []
  ) {
    self.id = id
    self.version = version
    self.computeMicroseconds = computeMicroseconds
    self.sums = sums
    self.contributions = contributions
  }
}

extension LeaseResult {
  /// Returns the result with the duration of its computation.
  package func taking(_ duration: Duration) -> LeaseResult {
    let (seconds, attoseconds) = duration.components
    let micros = max(seconds, 0) * 1_000_000 + max(attoseconds, 0) / 1_000_000_000_000
    return LeaseResult(
      id: id, version: version, computeMicroseconds: UInt64(clamping: micros), sums: sums,
      contributions: contributions)
  }
}

/// The server's answer to a pushed result.
package enum Verdict: Sendable, Hashable {
  /// The result was accepted.
  case applied
  /// The lease was already fulfilled; the result was ignored.
  case duplicate
  /// The lease belongs to an earlier incarnation or to an outdated version; the result was ignored.
  case stale
  /// The result does not match its lease, for the given reason; it was ignored.
  case rejected(String)
}

/// A verdict and the lease it refers to.
package struct LeaseVerdict: Sendable, Hashable {
  /// The lease whose result was pushed.
  package let id: LeaseID
  /// The verdict on the result.
  package let verdict: Verdict

  /// Creates a verdict for a lease.
  package init(id: LeaseID, verdict: Verdict) {
    self.id = id
    self.verdict = verdict
  }
}
