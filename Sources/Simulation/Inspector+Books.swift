import Coordination
import Learning

/// What the core's own books say.
extension Inspector {
  /// Leases that a worker ever has to answer: those of one stage, as it gets more only when it has
  /// a hand free.
  private static let mostInHand = 2

  /// What holds after every event.
  func checkBooks(_ core: ServerCore) throws(Violation) {
    let (audit, epoch) = (core.audit, UInt64(scenario.dataset.training))
    try require(
      core.applied.count == core.version && core.version == version, .books,
      "\(core.applied.count) batches are in version \(core.version)")
    try require(
      audit.samplesApplied == UInt64(samples) && audit.isBalanced(epochSize: epoch), .books,
      "the audit has \(audit), and \(samples) samples were applied")
    try require(
      scenario.settings.mode != .sync || core.applied.beyond.isEmpty, .books,
      "batches were applied out of order")
    try checkMembers(core)
  }

  private func checkMembers(_ core: ServerCore) throws(Violation) {
    var held = 0
    for member in core.members.members {
      let count = core.ledger.count(heldBy: member.peer)
      held += count
      try require(count <= Self.mostInHand, .bounds, "\(member.name) holds \(count) leases")
    }
    let members = core.members.count
    try require(members <= scenario.policy.maximumWorkers, .bounds, "\(members) workers")
    try require(
      core.ledger.outstandingCount <= held, .books,
      "\(core.ledger.outstandingCount) leases are out, and workers hold \(held)")
    try require(
      core.ledger.holderCount <= members && core.ledger.reclaimedCount <= 4096, .bounds,
      "the ledger knows \(core.ledger.holderCount) holders of \(members) workers")
  }

  /// A checkpoint is to be written.
  func compare(_ state: ServerState) throws(Violation) {
    try require(
      state.optimizer.step == version
        && state.optimizer.stateDigest == history[Int(version)].state, .checkpoints,
      "a checkpoint of version \(state.optimizer.step) is not the state of version \(version)")
    try require(
      state.applied.count == UInt64(batches.count) && batches.allSatisfy(state.applied.contains),
      .checkpoints, "a checkpoint has other batches than the weights")
    try require(
      state.audit.samplesApplied == UInt64(samples), .checkpoints,
      "a checkpoint counts \(state.audit.samplesApplied) samples of \(samples)")
    try require(
      !state.isEvaluated || !isDue(version) || evaluated.contains(version), .checkpoints,
      "a checkpoint says that version \(version) was evaluated")
  }

  /// The server's run is over.
  func finish(_ outcome: Outcome, _ core: ServerCore) throws(Violation) {
    if case .diverged = outcome { throw Violation(.genuine, "finite gradients diverge") }
    guard outcome == .completed else { return }
    let (plan, audit) = (standIn.plan, core.audit)
    let size = UInt64(scenario.dataset.training)
    try require(
      version == plan.steps && audit.samplesApplied == plan.positionCount
        && audit.epochsComplete == plan.positionCount / size
        && audit.openEpochs.values.reduce(0, +) == plan.positionCount % size, .epochs,
      "\(version) of \(plan.steps) updates, and the audit has \(audit)")
    let missing = (1...plan.steps).filter { isDue($0) && !evaluated.contains($0) }
    try require(missing.isEmpty, .evaluations, "versions \(missing) were not evaluated")
  }

  private func isDue(_ version: UInt64) -> Bool {
    let every = scenario.settings.recipe.evaluateEvery
    guard version > 0, version < standIn.plan.steps else { return version > 0 }
    return every > 0 && version % every == 0 && scenario.dataset.validation > 0
  }
}
