import Learning
import Numerics
import Wire

/// The progress of a run through its batches: the weights, the batches in them, and the stage.
struct Course: Sendable {
  /// The outcome of adding a result or of advancing.
  struct Change: Sendable {
    /// What happened, in order.
    var reports: [Report] = []
    /// Whether another stage has begun.
    var hasNewStage = false
    /// The reason for which the weights cannot be updated any more, if there is one.
    var divergence: String?
  }

  /// The settings of the run.
  let settings: TrainingSettings
  /// The division of the epochs into batches and slices.
  let plan: BatchPlan
  /// The weights and the optimizer's moments.
  private(set) var optimizer: Optimizer
  /// The batches that are in the weights.
  private(set) var applied: AppliedBatches
  /// Counters of applied samples and of results that were not applied.
  var audit: Audit
  /// The work that is leased; nil if there is none left.
  private(set) var stage: Stage?

  private let dataset: DatasetDescription
  private let finalEvaluation: FinalEvaluation
  private let transfers: TransferLimits
  private var encodedWeights: (identity: WeightsIdentity, vector: PiecewiseVector)?

  /// Creates the course that continues from `state`.
  init(
    _ state: ServerState, dataset: DatasetDescription, finalEvaluation: FinalEvaluation,
    transfers: TransferLimits
  ) {
    settings = state.settings
    plan = BatchPlan(recipe: settings.recipe, sampleCount: dataset.training)
    optimizer = state.optimizer
    applied = state.applied
    audit = state.audit
    self.dataset = dataset
    self.finalEvaluation = finalEvaluation
    self.transfers = transfers
    stage = nextStage(evaluated: state.isEvaluated)
  }

  /// The weights version: number of updates in the current weights.
  var version: UInt64 { optimizer.step }

  /// Whether no evaluation of the current weights is pending.
  var isEvaluated: Bool {
    if case .evaluation = stage { false } else { true }
  }

  /// Returns the number of samples that `work` covers.
  func samples(of work: Work) -> UInt64 {
    switch work {
    case .train(let batch, let slices):
      UInt64(plan.positions(batch: batch, slices: slices.indices).count)
    case .evaluate(_, let samples): UInt64(samples.count)
    }
  }

  /// Returns the current weights, or a prediction from them, in pieces, encoded once and shared by
  /// all grants.
  ///
  /// - Parameter updates: the number of updates that are predicted.
  mutating func weights(ahead updates: UInt64 = 0) -> PiecewiseVector {
    let identity = WeightsIdentity(version: version, ahead: updates)
    if let encodedWeights, encodedWeights.identity == identity { return encodedWeights.vector }
    let rate = settings.recipe.learningRate(step: version, of: plan.steps)
    let weights =
      updates == 0
      ? optimizer.weights : optimizer.weights(after: updates, learningRate: rate)
    let vector = PiecewiseVector(weights, limits: transfers)
    encodedWeights = (identity, vector)
    return vector
  }

  /// Ends the run early: no work is left.
  mutating func stop() { stage = nil }

  // MARK: Work

  /// Returns nodes of the current step for `workers` idle workers, largest first.
  mutating func takeShares(among workers: Int) -> [Work] {
    guard case .step(var step) = stage else { return [] }
    stage = nil  // releases the payload, so that `step` is changed in place
    defer { stage = .step(step) }
    return step.shares(among: workers).map { .train(batch: step.batch, slices: $0.wire) }
  }

  /// Removes and returns the next work that is not leased, other than that of a step.
  mutating func takeNext() -> Work? {
    switch stage {
    case .batches(var queue):
      stage = nil
      defer { stage = .batches(queue) }
      return queue.popNext().map { .train(batch: $0.batch, slices: (0..<$0.slices).wire) }
    case .evaluation(var round):
      stage = nil
      defer { stage = .evaluation(round) }
      return round.popNext()
    case .step, nil: return nil
    }
  }

  /// Makes work available again whose lease was reclaimed or whose result was not accepted; ignores
  /// work of another stage.
  mutating func reopen(_ work: Work) {
    switch (stage, work) {
    case (.step(var step), .train(let batch, let slices)) where step.batch == batch:
      stage = nil
      step.reopen(slices.indices)
      stage = .step(step)
    case (.batches(var queue), .train(let batch, _)):
      stage = nil
      queue.reopen(batch)
      stage = .batches(queue)
    case (.evaluation(var round), .evaluate):
      stage = nil
      round.reopen(work)
      stage = .evaluation(round)
    default: break
    }
  }

  // MARK: Results

  /// Returns the number of updates since a version of the weights.
  func staleness(of version: UInt64) -> UInt64 { self.version - min(self.version, version) }

  /// Returns whether a gradient is older than the settings allow.
  func isTooOld(_ version: UInt64, for work: Work) -> Bool {
    guard case .batches = stage, case .train = work, let limit = settings.maximumStaleness
    else { return false }
    return staleness(of: version) > limit
  }

  /// Adds the validated result of a lease.
  ///
  /// - Parameter workers: the number of members.
  mutating func add(_ result: LeaseResult, for work: Work, workers: Int) -> Change {
    switch (stage, work) {
    case (.step(var step), .train(_, let slices)):
      stage = nil
      step.add(slices.indices, result)
      stage = .step(step)
    case (.batches, .train(let batch, _)):
      return apply(
        result.contributions[0].values.floats, sums: SampleSums(adding: result.sums), batch: batch,
        staleness: staleness(of: result.version), workers: workers)
    case (.evaluation(var round), .evaluate):
      stage = nil
      let progress = round.add(work, result.sums[0])
      stage = .evaluation(round)
      if let progress { return Change(reports: [.evaluating(progress)]) }
    default: break
    }
    return Change()
  }

  private mutating func apply(
    _ contribution: [Float], sums: SampleSums, batch: UInt64, staleness: UInt64, workers: Int
  ) -> Change {
    let learningRate = settings.recipe.learningRate(step: version, of: plan.steps)
    let norm = optimizer.apply(
      contribution: contribution,
      beta1: Mode.firstMomentDecay(staleness: staleness), learningRate: learningRate,
      clip: settings.recipe.clip)
    guard norm.isFinite else {
      return Change(
        divergence: "the gradient of batch \(batch), of finite parts, exceeds the range of numbers")
    }
    applied.insert(batch)
    audit.record(positions: plan.positions(batch: batch), epochSize: UInt64(plan.sampleCount))
    let report = StepReport(
      step: version, steps: plan.steps,
      epoch: plan.epoch(ofPosition: plan.positions(batch: batch).lowerBound), sums: sums,
      learningRate: learningRate, gradientNorm: norm, staleness: staleness, workers: workers)
    return Change(reports: [.stepped(report)])
  }

  // MARK: Advancing

  /// Performs what is due: the update of a complete step, or the end of a stage.
  mutating func advance(workers: Int) -> Change {
    switch stage {
    case .step(let step):
      guard let total = step.total else { return Change() }
      var change = apply(
        total.contribution, sums: total.sums, batch: step.batch, staleness: 0, workers: workers)
      if change.divergence == nil { beginStage(&change) }
      return change
    case .batches(let queue):
      guard version == queue.end else { return Change() }
      var change = Change()
      beginStage(&change)
      return change
    case .evaluation(let round):
      guard let evaluations = round.total else { return Change() }
      stage = nextStage(evaluated: true)
      return Change(
        reports: [.evaluated(step: version, evaluations)], hasNewStage: true)
    case nil: return Change()
    }
  }

  /// Begins the stage that follows an update, and reports the start of an evaluation.
  private mutating func beginStage(_ change: inout Change) {
    stage = nextStage(evaluated: false)
    change.hasNewStage = true
    if case .evaluation(let round) = stage { change.reports.append(.evaluating(round.beginning)) }
  }

  /// Returns the stage that follows for the current weights; nil if the run is complete.
  ///
  /// - Parameter evaluated: whether these weights have been evaluated.
  private func nextStage(evaluated: Bool) -> Stage? {
    let every = settings.recipe.evaluateEvery
    if !evaluated, let round = EvaluationRound(dueSplits) { return .evaluation(round) }
    guard version < plan.steps else { return nil }
    guard settings.mode != .sync else {
      let slices = plan.sliceCount(batch: version)
      return .step(
        StepAssembly(
          batch: version, slices: slices, width: optimizer.shape.layout.count,
          kernels: optimizer.kernels))
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
    return switch finalEvaluation {
    case .all: [(.train, dataset.training), (.validation, dataset.validation)] + test
    case .test: test
    case .none: []
    }
  }
}
