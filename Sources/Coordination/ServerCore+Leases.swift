import Learning
import Numerics
import Wire

/// The course of the work: how a result is settled, what follows from it, and what is granted next.
extension ServerCore {
  /// Rejected results in a row after which a worker is sent away, or the run counts as diverged.
  static let rejectionLimit = 3

  // MARK: Settling

  /// Settles a result: checks it, enters it, and says what became of it.
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
        pace.note(lease.work, samples: samples(of: lease.work), took: now.since(since))
      }
    }
    note(verdict, on: result, from: peer)
    if verdict != .applied {
      let name = members[peer]?.name ?? "\(peer)"
      effects.append(.report(.rejected(name: name, verdict: verdict)))
    }
    return verdict
  }

  private mutating func note(_ verdict: Verdict, on result: LeaseResult, from peer: PeerID) {
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

  /// The samples that work looks at.
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
      stage.giveBack(lease.work)
      return .stale
    }
    if let objection = check.objection(to: result, for: lease) {
      stage.giveBack(lease.work)
      return .rejected(objection)
    }
    guard check.isUsable(result) else {
      stage.giveBack(lease.work)
      poisoners.append(peer)
      return .rejected("it holds NaN, infinity, or numbers whose squares are too large")
    }
    enter(result, for: lease.work, effects: &effects)
    return .applied
  }

  /// Whether a gradient is of weights that are older than the settings allow.
  private func isTooOld(_ result: LeaseResult, for work: Work) -> Bool {
    guard case .batches = stage, case .train = work, let limit = settings.maximumStaleness
    else { return false }
    return version - min(version, result.version) > limit
  }

  private mutating func enter(
    _ result: LeaseResult, for work: Work, effects: inout [Effect]
  ) {
    switch (stage, work) {
    case (.step(var step), .train(_, let slices)):
      stage = .over  // so that what follows changes `step` in place
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
    poisoners = []
    applied.insert(batch)
    audit.enter(positions: plan.positions(batch: batch), epochSize: UInt64(dataset.training))
    let report = StepReport(
      step: version, steps: plan.steps,
      epoch: plan.epoch(ofPosition: plan.positions(batch: batch).lowerBound), sums: sums,
      learningRate: learningRate, gradientNorm: norm, staleness: staleness, workers: members.count)
    effects.append(.report(.stepped(report)))
  }

  // MARK: Advancing

  /// Does what has become due: the update, the evaluation, the end.
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
    rejectOffenders(at: now, effects: &effects)
  }

  /// Begins the stage that follows an update, and reports the start of an evaluation.
  private mutating func beginStage(effects: inout [Effect]) {
    stage = nextStage(evaluated: false)
    if case .evaluation(let round) = stage { effects.append(.report(.evaluating(round.beginning))) }
  }

  /// What is to be done with the weights as they are.
  ///
  /// - Parameter evaluated: whether they were evaluated already.
  func nextStage(evaluated: Bool) -> Stage {
    let every = settings.recipe.evaluateEvery
    if !evaluated, let round = EvaluationRound(dueSplits) { return .evaluation(round) }
    guard version < plan.steps else { return .over }
    guard settings.mode != .sync else {
      let slices = plan.sliceCount(batch: version)
      return .step(StepAssembly(batch: version, slices: slices, width: shape.layout.count))
    }
    let pause = every > 0 ? (version / every + 1) * every : plan.steps
    return .batches(BatchQueue(after: applied, upTo: min(pause, plan.steps), plan: plan))
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

  /// Ends a run that finds no finite gradient any more, and sends away workers whose results were
  /// rejected again and again.
  private mutating func rejectOffenders(at now: Moment, effects: inout [Effect]) {
    if members.count > 0, poisoners.count >= Self.rejectionLimit,
      members.members.allSatisfy({ poisoners.contains($0.peer) })
    {
      end(.diverged(step: version), reason: "the training diverged", at: now, effects: &effects)
      return
    }
    for member in members.members where member.rejections >= Self.rejectionLimit {
      let reason = "\(member.rejections) results in a row were rejected"
      confine(member, reason: reason, effects: &effects)
    }
  }
}
