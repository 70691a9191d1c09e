package import Numerics

/// The sum of the gradients of neighbouring slices: one complete subtree of the reduction tree.
package struct Contribution: Sendable, Hashable {
  /// The slices under the subtree's root. The range is not empty.
  package let slices: Range<UInt32>
  /// Their sum, one flat vector in the order of the model's layout.
  package let values: EncodedTensor

  /// A contribution from its parts.
  package init(slices: Range<UInt32>, values: EncodedTensor) {
    self.slices = slices
    self.values = values
  }
}

/// What a worker computed for a lease.
package struct LeaseResult: Sendable, Hashable {
  /// The lease that this fulfils.
  package let id: LeaseID
  /// The version of the weights that were used.
  package let version: UInt64
  /// Loss and hits: one entry for each slice of a training lease, one in all for an evaluation.
  package let sums: [SampleSums]
  /// Gradients, by ascending slices; none for an evaluation.
  package let contributions: [Contribution]

  /// A result from its parts.
  package init(
    id: LeaseID, version: UInt64, sums: [SampleSums], contributions: [Contribution] = []
  ) {
    self.id = id
    self.version = version
    self.sums = sums
    self.contributions = contributions
  }
}

/// What the server did with a pushed result.
package enum Verdict: Sendable, Hashable {
  /// It counts.
  case applied
  /// The lease had been fulfilled before; nothing changed.
  case duplicate
  /// The lease is from an earlier incarnation or version that no longer counts; nothing changed.
  case stale
  /// The result does not fit its lease, for the reason given; nothing changed.
  case rejected(String)
}

/// A verdict together with the lease that it is about.
package struct LeaseVerdict: Sendable, Hashable {
  /// The lease whose result was judged.
  package let id: LeaseID
  /// The judgement.
  package let verdict: Verdict

  /// A verdict from its parts.
  package init(id: LeaseID, verdict: Verdict) {
    self.id = id
    self.verdict = verdict
  }
}
