import Wire

/// The work that the server currently leases, and which part of it is not leased.
///
/// A stage is over when all of its results are in; of its leases, only copies that are no longer
/// needed remain outstanding.
enum Stage: Sendable {
  /// The slices of one synchronous step.
  case step(StepAssembly)
  /// The batches of an asynchronous run up to the next evaluation.
  case batches(BatchQueue)
  /// Runs of samples to evaluate.
  case evaluation(EvaluationRound)
  /// No more work.
  case over

  /// Number of leases that a worker may hold at a time. Where the order of results does not matter,
  /// a second lease hides the round trip.
  var leasesPerWorker: Int {
    switch self {
    case .step: 1
    case .batches: 1
    case .evaluation: 2
    case .over: 0
    }
  }

  /// Whether no evaluation of the current weights is pending.
  var isAfterEvaluation: Bool {
    if case .evaluation = self { false } else { true }
  }

  /// Whether the leases of this stage compute gradients.
  var isTraining: Bool {
    switch self {
    case .step, .batches: true
    case .evaluation, .over: false
    }
  }

  /// Whether an idle worker gets its next leases within the current step: a verdict is then sent
  /// together with them, so that a step takes one message in each direction.
  var defersVerdicts: Bool {
    if case .step = self { true } else { false }
  }

  /// Removes and returns work for one of `waiting` idle workers; nil if no work is available.
  mutating func popWork(waiting: Int) -> Work? {
    switch self {
    case .step(var step):
      self = .over  // releases the payload, so that `step` is changed in place
      defer { self = .step(step) }
      let share = (step.openCount + waiting - 1) / max(waiting, 1)
      return step.popRun(atMost: share).map { .train(batch: step.batch, slices: $0.wire) }
    case .batches(var queue):
      defer { self = .batches(queue) }
      return queue.popNext().map { .train(batch: $0.batch, slices: (0..<$0.slices).wire) }
    case .evaluation(var round):
      self = .over
      defer { self = .evaluation(round) }
      return round.popNext()
    case .over:
      return nil
    }
  }

  /// Makes work available again whose lease was reclaimed or whose result was not accepted.
  mutating func reopen(_ work: Work) {
    switch (self, work) {
    case (.step(var step), .train(_, let slices)):
      self = .over
      step.reopen(slices.indices)
      self = .step(step)
    case (.batches(var queue), .train(let batch, _)):
      queue.reopen(batch)
      self = .batches(queue)
    case (.evaluation(var round), .evaluate):
      round.reopen(work)
      self = .evaluation(round)
    default: break
    }
  }
}

extension Range<Int> {
  /// The slice numbers as a message represents them.
  var wire: Range<UInt32> { UInt32(lowerBound)..<UInt32(upperBound) }
}

extension Range<UInt32> {
  /// The slice numbers as indices.
  var indices: Range<Int> { Int(lowerBound)..<Int(upperBound) }
}
