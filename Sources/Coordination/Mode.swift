/// The rule by which leases are granted and results applied.
package enum Mode: String, CaseIterable, Sendable {
  /// Only slices of the current step are granted; when all are complete, the optimizer makes one
  /// update with the mean gradient of the batch. The result does not depend on the number or speed
  /// of the workers.
  case sync
  /// Whole batches are granted at any time, and each gradient is applied on arrival, its update
  /// scaled by ``stalenessScale(staleness:workers:)``.
  case async
  /// As `async`, but a worker that is too many batches ahead of the slowest waits for it (see
  /// ``TrainingSettings/stalenessBound``): stale synchronous parallel. Source: Q. Ho et al., "More
  /// Effective Distributed ML via a Stale Synchronous Parallel Parameter Server" (NIPS 2013).
  case bounded

  /// Returns the factor of an asynchronous update: 1 / (1 + excess / workers), where the excess is
  /// the staleness beyond workers - 1.
  ///
  /// - Parameters:
  ///   - staleness: versions between the weights of the gradient and the current ones.
  ///   - workers: number of members, at least one.
  ///
  /// With n workers of equal speed every gradient has staleness n - 1, and scaling all updates down
  /// would only slow the training. Gradients that are older than the others, those of stragglers,
  /// do harm; their updates shrink with their age. Source: W. Zhang et al., "Staleness-aware
  /// Async-SGD for Distributed Deep Learning" (IJCAI 2016), who divide by the whole staleness
  /// instead.
  package static func stalenessScale(staleness: UInt64, workers: Int) -> Float {
    let workers = UInt64(max(workers, 1))
    let excess = staleness - min(staleness, workers - 1)
    return 1 / (1 + Float(excess) / Float(workers))
  }
}
