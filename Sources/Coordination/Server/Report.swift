package import Numerics
package import Wire

/// A report of one step.
package struct StepReport: Sendable, Equatable {
  /// Number of the step, counted from 1: the updates made, including this one.
  package let step: UInt64
  /// Number of steps of the whole run.
  package let steps: UInt64
  /// Epoch of the batch's first sample, counted from 0.
  package let epoch: UInt64
  /// Sums over the batch, for the weights its gradient was computed with.
  package let sums: SampleSums
  /// The optimizer's learning rate before scaling for staleness.
  package let learningRate: Float
  /// Norm of the mean gradient before clipping.
  package let gradientNorm: Float
  /// Versions between the weights of the gradient and those it was applied to.
  package let staleness: UInt64
  /// Number of members.
  package let workers: Int

  /// Creates a report from its parts.
  package init(
    step: UInt64, steps: UInt64, epoch: UInt64, sums: SampleSums, learningRate: Float,
    gradientNorm: Float, staleness: UInt64, workers: Int
  ) {
    self.step = step
    self.steps = steps
    self.epoch = epoch
    self.sums = sums
    self.learningRate = learningRate
    self.gradientNorm = gradientNorm
    self.staleness = staleness
    self.workers = workers
  }
}

/// A report of a worker's result that is not the server's.
package struct AuditDifference: Sendable, Equatable {
  /// The worker's name.
  package let name: String
  /// The audited lease.
  package let lease: LeaseID
  /// The step that the lease belongs to.
  package let step: UInt64
  /// The first step with an unaudited result of the worker; nil if there is none.
  package let firstStep: UInt64?
  /// Whether the run returns to the weights before that step.
  package let isUndone: Bool

  /// Creates a report from its parts.
  package init(
    name: String, lease: LeaseID, step: UInt64, firstStep: UInt64?, isUndone: Bool
  ) {
    self.name = name
    self.lease = lease
    self.step = step
    self.firstStep = firstStep
    self.isUndone = isUndone
  }
}

/// An event for progress lines, logs and reports; decisions never depend on it.
package enum Report: Sendable, Equatable {
  /// A worker joined; `workers` includes it.
  case joined(name: String, workers: Int)
  /// A member left or was evicted; `workers` no longer includes it.
  case left(name: String, reason: String, workers: Int)
  /// A worker or an observer was refused.
  case refused(RefusalKind, name: String, reason: String)
  /// Connections were refused or closed.
  case closed(RefusalKind, count: Int, detail: String)
  /// A peer sent bytes that are not a valid message.
  case ignored(peer: PeerID, reason: String)
  /// A result was not applied.
  case rejected(name: String, verdict: Verdict)
  /// There are fewer ready workers than the policy requires; `names` are those of some members.
  case waiting(needed: Int, present: Int, names: [String])
  /// A result is not finite; the server computes the work to find out why.
  case disputed(name: String)
  /// Two results of an audited lease differ; the server computes it to find out which is wrong.
  case differing(LeaseID)
  /// A worker's result of an audited lease is not the server's.
  case differed(AuditDifference)
  /// A worker needs many times as long as the fastest one; it gets copies of others' leases only.
  case slow(name: String, isSlow: Bool)
  /// The training diverged, for the given reason.
  case diverged(reason: String)
  /// Leases were issued again: their number and the reason.
  case reissued(Int, reason: String)
  /// The weights were updated.
  case stepped(StepReport)
  /// Samples of a split were evaluated with the current weights; at most 100 times for each split
  /// of an evaluation, and once at its start.
  case evaluating(EvaluationProgress)
  /// Splits were evaluated with the weights after `step` updates.
  case evaluated(step: UInt64, [SplitEvaluation])
}

/// The end of a run of the server.
package enum Outcome: Sendable, Equatable {
  /// All steps were made, and the final evaluation was computed.
  case completed
  /// The server was asked to stop.
  case stopped
  /// Too few workers were connected for too long, or none was left and none could be started.
  case abandoned
  /// An audit found a faulty worker: the run must be resumed from the weights before this step.
  case replay(before: UInt64)
  /// The training diverged: after `step` updates the workers found no finite gradient.
  case diverged(step: UInt64)
}
