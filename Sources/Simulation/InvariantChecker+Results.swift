import Coordination
import Learning
import Wire

/// Checks of granted leases, results, updates and evaluations.
extension InvariantChecker {
  /// Checks a lease that is being granted.
  mutating func checkGrant(
    _ lease: Lease, to peer: PeerID, _ core: ServerCore
  ) throws(Violation) {
    try require(
      lease.version == version, .genuine, "\(lease.id) has version \(lease.version)")
    let isCopy = leases[lease.id] != nil  // copies do not count for the lead of a worker
    var granted = leases[lease.id] ?? Granted(work: lease.work)
    try require(
      granted.work == lease.work && !granted.isFulfilled, .onceOnly,
      "\(lease.id) is granted again after it was fulfilled, or with different work")
    granted.weights[peer] = try weights(of: lease, to: peer, core)
    leases[lease.id] = granted
    guard case .train(let batch, let run) = lease.work else { return }
    try require(
      isNeeded(lease.work, from: peer, core), .onceOnly,
      "\(lease.id) is for slices \(run) of batch \(batch), which are already applied")
    let settings = scenario.settings
    guard settings.mode == .bounded, !isCopy, let member = core.members[peer] else {
      return
    }
    let least = core.leastCompleted ?? 0
    try require(
      member.completed <= least + settings.stalenessBound, .staleness,
      "\(member.name) has completed \(member.completed) leases, the slowest \(least)")
  }

  /// Returns the weights that a worker must use for a lease: those of the current version, or in
  /// asynchronous training a prediction from them.
  private func weights(
    of lease: Lease, to peer: PeerID, _ core: ServerCore
  ) throws(Violation) -> LoadedWeights {
    let sent = core.members[peer]?.weights
    try require(
      sent?.version == version, .genuine, "\(lease.id) is granted without the current weights")
    guard let ahead = sent?.ahead, ahead > 0 else {
      return LoadedWeights(version: version, digest: history[Int(version)].weights)
    }
    var isAsynchronous = scenario.settings.mode != .sync
    if case .evaluate = lease.work { isAsynchronous = false }
    try require(isAsynchronous, .genuine, "\(lease.work) is granted with predicted weights")
    return LoadedWeights(version: version, digest: prediction(core.optimizer, ahead))
  }

  /// Returns the digest of the weights that are predicted for a number of updates after `version`.
  private func prediction(_ optimizer: Optimizer, _ updates: UInt64) -> UInt64 {
    let rate = scenario.settings.recipe.learningRate(step: version, of: model.plan.steps)
    var digest = FloatDigest()
    digest.combine(optimizer.weights(after: updates, learningRate: rate))
    return digest.value
  }

  /// Returns whether work may be computed by a worker: it has no result, or it has one of another
  /// worker and is audited.
  private func isNeeded(_ work: Work, from peer: PeerID, _ core: ServerCore) -> Bool {
    guard case .train(let batch, let run) = work, !batches.contains(batch) else { return false }
    guard !slices[batch, default: []].isDisjoint(with: run) else { return true }
    guard scenario.policy.auditShare > 0, let authors = authors[work], authors.count == 1 else {
      return false
    }
    return authors[0] != peer && identity(authors[0], core) != identity(peer, core)
  }

  private func identity(_ peer: PeerID, _ core: ServerCore) -> WorkerIncarnation? {
    core.members[peer].map { WorkerIncarnation(name: $0.name, incarnation: $0.incarnation) }
  }

  /// Whether every training result is compared before it is applied.
  private func isAudited(_ work: Work) -> Bool {
    scenario.policy.auditShare == 1 && !disputed.contains(work)
      && scenario.settings.recipe.slices <= Policy.mostAudits
  }

  /// Checks a result that the server has accepted.
  mutating func checkResult(
    _ result: LeaseResult, from peer: PeerID, _ core: ServerCore
  ) throws(Violation) {
    guard var granted = leases[result.id], let weights = granted.weights[peer] else {
      throw Violation(.genuine, "\(result.id) was not granted to the sender of its result")
    }
    try require(!granted.isFulfilled, .onceOnly, "\(result.id) is fulfilled twice")
    granted.isFulfilled = true
    granted.accepted = weights.digest
    leases[result.id] = granted
    let lease = Lease(id: result.id, version: weights.version, work: granted.work)
    let isWrong = wrongGradients.contains(result.id)
    try require(
      isWrong || model.result(of: lease, with: weights)?.equals(result) == true, .genuine,
      "\(result.id) is not the result of \(granted.work) with version \(weights.version)")
    guard case .train(let batch, let run) = granted.work else { return }
    try require(
      isNeeded(granted.work, from: peer, core), .onceOnly,
      "slices \(run) of batch \(batch) are already applied")
    if isWrong, !isAudited(granted.work) {
      firstWrongStep = min(firstWrongStep ?? .max, self.version + 1)
    }
    authors[granted.work, default: []].append(peer)
    slices[batch, default: []].formUnion(run)
  }

  /// Checks and records that the server computes a lease itself: with the current weights, or in
  /// asynchronous training with a prediction, for no more updates than a result can be stale.
  mutating func noteComputation(
    _ id: LeaseID, with weights: LoadedWeights, _ core: ServerCore
  ) throws(Violation) {
    let most = scenario.settings.mode == .sync ? 0 : max(version, UInt64(core.members.count))
    let isKnown =
      weights.digest == history[Int(version)].weights
      || (0..<most).contains { prediction(core.optimizer, $0 + 1) == weights.digest }
    try require(
      weights.version == version && isKnown, .genuine, "\(id) is computed with other weights")
    leases[id]?.accepted = weights.digest
  }

  /// Records the server's own result of disputed work, which replaces the worker's.
  mutating func noteOwnResult(_ result: LeaseResult) {
    guard let work = leases[result.id]?.work, disputed.contains(work),
      case .train(let batch, let run) = work
    else { return }
    slices[batch, default: []].formUnion(run)
  }

  /// Checks an update of the weights by a batch.
  mutating func checkUpdate(
    _ batch: UInt64, _ report: StepReport, of result: LeaseResult
  ) throws(Violation) {
    let count = model.plan.sliceCount(batch: batch)
    try require(
      slices.removeValue(forKey: batch)?.count == count, .onceOnly,
      "batch \(batch) was applied without all of its slices")
    batches.insert(batch)
    authors = [:]
    samples += model.plan.size(ofBatch: batch)
    let weights = leases[result.id]?.accepted ?? history[Int(result.version)].weights
    try require(
      report.sums == model.sums(batch: batch, slices: 0..<count, weights), .genuine,
      "the sums of batch \(batch) do not match its samples")
    let staleness = version - result.version
    let isDisputed = leases[result.id].map { disputed.contains($0.work) } ?? false
    let settings = scenario.settings
    let limit = settings.mode == .sync ? 0 : settings.maximumStaleness ?? .max
    try require(
      report.staleness == staleness && (staleness <= limit || isDisputed), .staleness,
      "batch \(batch) is \(staleness) versions old, but reported as \(report.staleness)")
  }

  /// Checks a reported evaluation.
  mutating func checkEvaluation(
    _ step: UInt64, _ found: [SplitEvaluation]
  ) throws(Violation) {
    try require(step == version, .evaluations, "version \(step) is evaluated at \(version)")
    let dataset = scenario.dataset
    let isLast = version == model.plan.steps
    let sizes =
      [(Split.train, dataset.training), (.validation, dataset.validation)]
      + [(.test, dataset.test)]
    let due = sizes.filter { split, count in
      count > 0 && (isLast ? scenario.policy.finalEvaluation.includes(split) : split == .validation)
    }
    let expected = due.map { split, count in
      model.sums(split, 0..<UInt64(count), history[Int(version)].weights)
    }
    try require(
      found.map(\.split) == due.map(\.0) && found.map(\.sums) == expected, .evaluations,
      "the sums of version \(version) do not match its samples")
    evaluated.insert(version)
  }
}

extension FinalEvaluation {
  /// Whether a split is evaluated with the final weights.
  func includes(_ split: Split) -> Bool {
    switch self {
    case .all: true
    case .test: split == .test
    case .none: false
    }
  }
}
