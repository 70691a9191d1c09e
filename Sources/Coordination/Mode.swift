import Learning

/// The rule by which leases are granted and results applied.
package enum Mode: String, CaseIterable, Sendable {
  /// Only slices of the current step are granted; when all are complete, the optimizer makes one
  /// update with the mean gradient of the batch. The result does not depend on the number or speed
  /// of the workers.
  case sync
  /// Whole batches are granted at any time, each with the weights that are expected by the arrival
  /// of its gradient, which is applied at once (see ``firstMomentDecay(staleness:)``).
  case async
  /// As `async`, but a worker that is too many batches ahead of the slowest waits for it (see
  /// ``TrainingSettings/stalenessBound``): stale synchronous parallel. Source: Q. Ho et al., "More
  /// Effective Distributed ML via a Stale Synchronous Parallel Parameter Server" (NIPS 2013).
  case bounded

  /// Returns Adam's beta1 for an asynchronous gradient: 1 - 2 / staleness², or the usual rate, if
  /// that is greater.
  ///
  /// - Parameter staleness: versions between the weights of the gradient and the current ones.
  ///
  /// The prediction ``Optimizer/weights(after:learningRate:)`` assumes that the first moment stays
  /// as it is. If s gradients change it by a share 1 - beta1 each, the prediction for s updates
  /// lacks (1 - beta1) s² / 2 of such a change; this rate limits that to one, for any number of
  /// workers. The gradients of a straggler, older than the others, change the moment less.
  package static func firstMomentDecay(staleness: UInt64) -> Float {
    let staleness = Float(max(staleness, 1))
    return max(Optimizer.beta1, 1 - 2 / (staleness * staleness))
  }
}
