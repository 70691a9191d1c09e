import Coordination
import Learning
import Wire

/// Checks of the core's own counters, checkpoints and outcome.
extension InvariantChecker {
  /// The maximum number of leases a worker holds: those of one stage, since more are granted only
  /// to idle workers.
  private static let maximumHeld = 2

  /// Checks the invariants that hold after every event.
  func checkCounters(_ core: ServerCore) throws(Violation) {
    let (audit, epoch) = (core.audit, UInt64(scenario.dataset.training))
    try require(
      core.applied.count == core.version && core.version == version, .counters,
      "version \(core.version) consists of \(core.applied.count) batches")
    try require(
      audit.samplesApplied == UInt64(samples) && audit.isBalanced(epochSize: epoch), .counters,
      "the audit is \(audit), but \(samples) samples were applied")
    try require(
      scenario.settings.mode != .sync || core.applied.beyond.isEmpty, .counters,
      "batches were applied out of order")
  }

  /// Checks the leases of all members, which takes time for each.
  func checkMembers(_ core: ServerCore) throws(Violation) {
    var held = 0
    for member in core.members.members {
      let count = core.ledger.count(heldBy: member.peer)
      held += count
      try require(count <= Self.maximumHeld, .bounds, "\(member.name) holds \(count) leases")
    }
    let members = core.members.count
    try require(members <= scenario.policy.maximumWorkers, .bounds, "\(members) workers")
    try require(
      core.ledger.outstandingCount <= held, .counters,
      "\(core.ledger.outstandingCount) leases are outstanding, but workers hold \(held)")
    try require(
      core.ledger.holderCount <= members && core.ledger.reclaimedCount <= 4096, .bounds,
      "the ledger has \(core.ledger.holderCount) holders, but there are \(members) workers")
  }

  /// Checks a state that is about to be written as a checkpoint.
  func checkCheckpoint(_ state: ServerState) throws(Violation) {
    try require(
      state.optimizer.step == version
        && state.optimizer.stateDigest == history[Int(version)].state, .checkpoints,
      "a checkpoint of version \(state.optimizer.step) is not the state of version \(version)")
    try require(
      state.applied.count == UInt64(batches.count) && batches.allSatisfy(state.applied.contains),
      .checkpoints, "a checkpoint and its weights consist of different batches")
    try require(
      state.audit.samplesApplied == UInt64(samples), .checkpoints,
      "a checkpoint counts \(state.audit.samplesApplied) samples instead of \(samples)")
    try require(
      !state.isEvaluated || !isDue(version) || evaluated.contains(version), .checkpoints,
      "a checkpoint marks version \(version) as evaluated, but it was not")
  }

  /// Checks that a failed write of a checkpoint is repeated.
  mutating func checkWrites(
    _ event: ServerCore.Event, _ effects: [ServerCore.Effect], at moment: Moment
  ) throws(Violation) {
    if case .checkpointed(let written, _, let succeeded) = event {
      if succeeded { stored = max(stored, written) }
      failedWrite = succeeded ? nil : moment
    }
    for effect in effects {
      switch effect {
      case .checkpoint: failedWrite = nil
      case .send(let message, _): if case .drain(_) = message.message { isEnding = true }
      case .recompute, .report, .disconnect, .finish: break
      }
    }
    guard isTick(event), !isEnding, let failure = failedWrite, version > stored else { return }
    let limit: Duration =
      if case .time(let interval) = scenario.policy.checkpoints { interval } else { .seconds(10) }
    try require(
      moment.since(failure) <= limit + .seconds(1), .checkpoints,
      "a failed write was not repeated for \(moment.since(failure))")
  }

  /// Checks the outcome of a run that has ended.
  func checkOutcome(_ outcome: Outcome, _ core: ServerCore) throws(Violation) {
    guard outcome == .completed else { return }
    let (plan, audit) = (model.plan, core.audit)
    let size = UInt64(scenario.dataset.training)
    try require(
      version == plan.steps && audit.samplesApplied == plan.positionCount
        && audit.epochsComplete == plan.positionCount / size
        && audit.openEpochs.values.reduce(0, +) == plan.positionCount % size, .epochs,
      "\(version) of \(plan.steps) updates were applied, and the audit is \(audit)")
    let missing = (1...plan.steps).filter { isDue($0) && !evaluated.contains($0) }
    try require(missing.isEmpty, .evaluations, "versions \(missing) were not evaluated")
  }

  /// Whether all updates were made and evaluated.
  var isComplete: Bool {
    version == model.plan.steps && (!isDue(version) || evaluated.contains(version))
  }

  private func isDue(_ version: UInt64) -> Bool {
    let every = scenario.settings.recipe.evaluateEvery
    guard version > 0, version < model.plan.steps else {
      let final = scenario.policy.finalEvaluation
      return version > 0 && (final == .all || final == .test && scenario.dataset.test > 0)
    }
    return every > 0 && version % every == 0 && scenario.dataset.validation > 0
  }
}
