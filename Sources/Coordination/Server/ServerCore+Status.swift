import Learning
import Numerics
package import Wire

/// The state of the run, for peers that ask and for supervisors.
extension ServerCore {
  /// Answers an inquiry of a peer without a session; it needs no more than an admitted key. The
  /// connection of an observer stays open for the next one.
  mutating func answerInquiry(
    of credential: Credential?, from peer: PeerID, at now: Moment, effects: inout [Effect]
  ) {
    guard members[peer] == nil else {
      evict(
        peer, reason: "it sent an inquiry in its session", refusal: .malformed, effects: &effects)
      return
    }
    effects.append(.send(NumberedMessage(.status(status(at: now)), number: 0), to: peer))
    if credential?.role != .observer { effects.append(.disconnect(peer)) }
  }

  /// Returns the state of the run.
  package func status(at now: Moment) -> RunStatus {
    var status = RunStatus(
      recipe: settings.recipe.name, mode: settings.mode.rawValue, phase: phase, step: version,
      steps: plan.steps, epoch: epoch, samples: progress.progress)
    status.workers = UInt32(clamping: members.count)
    status.readyWorkers = UInt32(clamping: members.readyCount)
    status.neededWorkers = UInt32(clamping: quorum.needed)
    if let step = recent.latest {
      (status.loss, status.accuracy) = (step.sums.meanLoss, step.sums.accuracy)
    }
    if status.phase == .training { status.samplesPerSecond = recent.samplesPerSecond(at: now) }
    status.stalenessMean = recent.stalenessMean
    status.stalenessMaximum = recent.stalenessMaximum
    if let evaluation = recent.evaluation {
      (status.evaluated, status.evaluationTotal) = (evaluation.done, evaluation.total)
    }
    return status
  }

  /// The epoch of the last sample in the weights.
  private var epoch: UInt64 {
    recent.latest?.epoch ?? (max(progress.progress, 1) - 1) / UInt64(max(plan.sampleCount, 1))
  }

  private var phase: RunStatus.Phase {
    switch shutdown.outcome {
    case .completed: return .complete
    case .diverged: return .diverged
    case .stopped, .abandoned: return .stopped
    case .replay: return .waiting
    case nil: break
    }
    guard members.readyCount >= quorum.needed else { return .waiting }
    return course.isEvaluated ? .training : .evaluating
  }
}
