package import Wire

/// One update of the weights.
package struct StepReport: Sendable, Equatable {
  /// Updates made so far, this one included.
  package let step: UInt64
  /// Updates of the whole run.
  package let steps: UInt64
  /// Epoch of the batch's first sample, counted from 0.
  package let epoch: UInt64
  /// Sums over the minibatch, with the weights its gradient was computed with.
  package let sums: SampleSums
  /// Adam's learning rate, before it is scaled down for staleness.
  package let learningRate: Float
  /// Norm of the mean gradient before clipping.
  package let gradientNorm: Float
  /// Versions between the weights of the gradient and those it was applied to.
  package let staleness: UInt64
  /// Workers there are.
  package let workers: Int

  /// An update from its parts.
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

/// What the server has to tell: for progress lines, logs and reports, never for decisions.
package enum Report: Sendable, Equatable {
  /// A worker was welcomed; the number counts it.
  case joined(name: String, workers: Int)
  /// A worker is gone; the number no longer counts it.
  case left(name: String, reason: String, workers: Int)
  /// Somebody was refused.
  case refused(name: String, reason: String)
  /// A message that was none came in, or one that had no place.
  case ignored(peer: PeerID, reason: String)
  /// A result did not reach the weights.
  case rejected(name: String, verdict: Verdict)
  /// There are fewer workers than the policy asks for; these are there.
  case waiting(needed: Int, present: [String])
  /// Leases were given out once more; why, and how many.
  case reissued(Int, reason: String)
  /// The weights were updated.
  case stepped(StepReport)
  /// Samples of a split were evaluated with the current weights; at most 100 times for each split
  /// of an evaluation, and once at its start.
  case evaluating(EvaluationProgress)
  /// Splits were evaluated with the weights after `step` updates.
  case evaluated(step: UInt64, [SplitEvaluation])
}

/// How a run of the server ended.
package enum Outcome: Sendable, Equatable {
  /// All steps were made and everything was evaluated.
  case completed
  /// It was told to stop.
  case stopped
  /// No worker was left, and none came in time.
  case abandoned
  /// The numbers ran away: no finite gradient is to be had at this step.
  case diverged(step: UInt64)
}
