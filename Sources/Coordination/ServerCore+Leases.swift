import Learning
import Numerics
import Wire

/// Leases: settling results, applying them, and choosing the next stage.
extension ServerCore {
  /// Number of consecutive rejected results after which a worker is quarantined; also the number of
  /// non-finite results since the last update from which a run may count as diverged.
  static let rejectionLimit = 3

  // MARK: Settling

  /// Settles a pushed result: validates it, applies it, and returns the verdict.
  mutating func settle(
    _ result: LeaseResult, from peer: PeerID, at now: Moment, effects: inout [Effect]
  ) -> Verdict {
    let verdict: Verdict
    switch ledger.settle(result.id, from: peer) {
    case .duplicate: verdict = .duplicate
    case .stale: verdict = .stale
    case .notGranted: verdict = .rejected("this lease was not granted to this worker")
    case .fulfilled(let lease, let since):
      verdict = accept(result, for: lease, from: peer, effects: &effects)
      if verdict == .applied {
        pace.record(lease.work, samples: samples(of: lease.work), took: now.since(since))
      }
    }
    count(verdict, of: result, from: peer)
    if verdict != .applied {
      let name = members[peer]?.name ?? "\(peer)"
      effects.append(.report(.rejected(name: name, verdict: verdict)))
    }
    return verdict
  }

  private mutating func count(_ verdict: Verdict, of result: LeaseResult, from peer: PeerID) {
    let isTraining = !result.contributions.isEmpty
    switch verdict {
    case .applied: members.update(peer) { $0.rejections = 0 }
    case .duplicate: audit.duplicatesRefused += 1
    case .stale: audit.staleRefused += 1
    case .rejected:
      audit.resultsRejected += 1
      members.update(peer) { $0.rejections += 1 }
      return
    }
    if isTraining { members.update(peer) { $0.completed += 1 } }
  }

  /// Returns the number of samples that `work` covers.
  func samples(of work: Work) -> UInt64 {
    switch work {
    case .train(let batch, let slices):
      UInt64(plan.positions(batch: batch, slices: slices.indices).count)
    case .evaluate(_, let samples): UInt64(samples.count)
    }
  }

  private mutating func accept(
    _ result: LeaseResult, for lease: Lease, from peer: PeerID, effects: inout [Effect]
  ) -> Verdict {
    if case .over = stage { return .stale }
    if isTooOld(result, for: lease.work) {
      stage.reopen(lease.work)
      return .stale
    }
    if let objection = check.objection(to: result, for: lease) {
      stage.reopen(lease.work)
      return .rejected(objection)
    }
    guard check.isUsable(result) else {
      stage.reopen(lease.work)
      nonFiniteSenders.append(peer)
      return .rejected("it contains NaN, infinity, or values whose squares overflow")
    }
    add(result, for: lease.work, effects: &effects)
    return .applied
  }

  /// Returns whether a gradient's staleness exceeds the maximum of the settings.
  private func isTooOld(_ result: LeaseResult, for work: Work) -> Bool {
    guard case .batches = stage, case .train = work, let limit = settings.maximumStaleness
    else { return false }
    return version - min(version, result.version) > limit
  }

  private mutating func add(
    _ result: LeaseResult, for work: Work, effects: inout [Effect]
  ) {
    switch (stage, work) {
    case (.step(var step), .train(_, let slices)):
      stage = .over  // releases the payload, so that `step` is changed in place
      step.add(slices.indices, result)
      stage = .step(step)
    case (.batches, .train(let batch, _)):
      let staleness = version - min(version, result.version)
      let gradient = result.contributions[0].values
      apply(
        Kernels.floats(
          from: gradient.content, at: gradient.payloadOffset, count: shape.layout.count),
        sums: SampleSums(adding: result.sums), batch: batch, staleness: staleness,
        effects: &effects)
    case (.evaluation(var round), .evaluate):
      if let progress = round.add(work, result.sums[0]) {
        effects.append(.report(.evaluating(progress)))
      }
      stage = .evaluation(round)
    default: break
    }
  }

  private mutating func apply(
    _ contribution: [Float], sums: SampleSums, batch: UInt64, staleness: UInt64,
    effects: inout [Effect]
  ) {
    let learningRate = settings.recipe.learningRate(step: version, of: plan.steps)
    let norm = optimizer.apply(
      contribution: contribution,
      scale: Mode.stalenessScale(staleness: staleness, workers: members.count),
      learningRate: learningRate, clip: settings.recipe.clip)
    nonFiniteSenders = []
    applied.insert(batch)
    audit.record(positions: plan.positions(batch: batch), epochSize: UInt64(dataset.training))
    let report = StepReport(
      step: version, steps: plan.steps,
      epoch: plan.epoch(ofPosition: plan.positions(batch: batch).lowerBound), sums: sums,
      learningRate: learningRate, gradientNorm: norm, staleness: staleness, workers: members.count)
    effects.append(.report(.stepped(report)))
  }

  // MARK: Advancing

  /// Performs what is due: the update, the end of an evaluation, the end of the run.
  mutating func advance(at now: Moment, effects: inout [Effect]) {
    guard ending == nil else { return }
    switch stage {
    case .step(let step):
      guard let total = step.total else { break }
      apply(
        total.contribution, sums: total.sums, batch: step.batch, staleness: 0, effects: &effects)
      beginStage(effects: &effects)
    case .batches(let queue):
      if version == queue.end { beginStage(effects: &effects) }
    case .evaluation(let round):
      guard let evaluations = round.total else { break }
      effects.append(.report(.evaluated(step: version, evaluations)))
      stage = nextStage(evaluated: true)
    case .over: break
    }
    if case .over = stage {
      end(.completed, reason: "the run is complete", at: now, effects: &effects)
    }
    quarantineOffenders(at: now, effects: &effects)
  }

  /// Begins the stage that follows an update, and reports the start of an evaluation.
  private mutating func beginStage(effects: inout [Effect]) {
    stage = nextStage(evaluated: false)
    if case .evaluation(let round) = stage { effects.append(.report(.evaluating(round.beginning))) }
  }

  /// Returns the stage that follows for the current weights.
  ///
  /// - Parameter evaluated: whether these weights have been evaluated.
  func nextStage(evaluated: Bool) -> Stage {
    let every = settings.recipe.evaluateEvery
    if !evaluated, let round = EvaluationRound(dueSplits) { return .evaluation(round) }
    guard version < plan.steps else { return .over }
    guard settings.mode != .sync else {
      let slices = plan.sliceCount(batch: version)
      return .step(StepAssembly(batch: version, slices: slices, width: shape.layout.count))
    }
    let end = every > 0 ? (version / every + 1) * every : plan.steps
    return .batches(BatchQueue(after: applied, upTo: min(end, plan.steps), plan: plan))
  }

  /// The splits to evaluate with the current weights; at the end of the run, those of the policy.
  private var dueSplits: [(split: Split, count: Int)] {
    let every = settings.recipe.evaluateEvery
    guard version == plan.steps else {
      return every > 0 && version % every == 0 ? [(.validation, dataset.validation)] : []
    }
    let test = [(split: Split.test, count: dataset.test)]
    return switch policy.finalEvaluation {
    case .all: [(.train, dataset.training), (.validation, dataset.validation)] + test
    case .test: test
    case .none: []
    }
  }

  /// Ends a run in which no member finds finite gradients, and quarantines members whose results
  /// were rejected repeatedly.
  private mutating func quarantineOffenders(at now: Moment, effects: inout [Effect]) {
    if members.count > 0, nonFiniteSenders.count >= Self.rejectionLimit,
      members.members.allSatisfy({ nonFiniteSenders.contains($0.peer) })
    {
      end(.diverged(step: version), reason: "the training diverged", at: now, effects: &effects)
      return
    }
    for member in members.members where member.rejections >= Self.rejectionLimit {
      let reason = "\(member.rejections) results in a row were rejected"
      quarantine(member, reason: reason, effects: &effects)
    }
  }
}
