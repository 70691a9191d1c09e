/// When a lease may be granted and when its result is applied.
package enum Mode: String, CaseIterable, Sendable {
  /// Only the slices of the current step are granted; when all are in, one Adam update is made with
  /// the mean gradient of the whole batch. The result depends on nobody's number or speed.
  case sync
  /// Whole batches are granted at any time, and each gradient is applied as it arrives, its step
  /// scaled by ``stalenessScale(staleness:workers:)``.
  case async
  /// As `async`, but a worker that is too many batches ahead of the slowest waits for it (see
  /// ``TrainingSettings/stalenessBound``): stale synchronous parallel. Source: Q. Ho et al., "More
  /// Effective Distributed ML via a Stale Synchronous Parallel Parameter Server" (NIPS 2013).
  case bounded

  /// The factor of an asynchronous update: 1 / (1 + excess / workers), where the excess is the
  /// staleness beyond workers - 1.
  ///
  /// - Parameters:
  ///   - staleness: versions made between the weights a gradient was computed with and now.
  ///   - workers: workers at work, at least one.
  ///
  /// With n workers of the same speed every gradient is n - 1 versions old, and nothing is gained
  /// by making all steps smaller: that only trains more slowly. What hurts is a gradient that is
  /// older than the others, of a straggler; its step shrinks with its age. Source: the idea of
  /// W. Zhang et al., "Staleness-aware Async-SGD for Distributed Deep Learning" (IJCAI 2016), who
  /// divide by the whole staleness.
  package static func stalenessScale(staleness: UInt64, workers: Int) -> Float {
    let workers = UInt64(max(workers, 1))
    let excess = staleness - min(staleness, workers - 1)
    return 1 / (1 + Float(excess) / Float(workers))
  }
}
