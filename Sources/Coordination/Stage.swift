import Wire

/// What the server hands out at the moment, and what of it nobody holds.
///
/// A stage is over when all of its results are in: of its leases, only copies that are not needed
/// any more outlive it.
enum Stage: Sendable {
  /// The slices of one synchronous step.
  case step(StepAssembly)
  /// Batches of an asynchronous run, up to the next evaluation.
  case batches(BatchQueue)
  /// Runs of samples to evaluate.
  case evaluation(EvaluationRound)
  /// Nothing more.
  case over

  /// Leases that one worker may hold at a time. One in reserve hides the round trip where the order
  /// of results plays no part.
  var leasesInHand: Int {
    switch self {
    case .step: 1
    case .batches: 1
    case .evaluation: 2
    case .over: 0
    }
  }

  /// Whether nothing of this version of the weights is left to be evaluated.
  var isAfterEvaluation: Bool {
    if case .evaluation = self { false } else { true }
  }

  /// Whether what is handed out are gradients.
  var isTraining: Bool {
    switch self {
    case .step, .batches: true
    case .evaluation, .over: false
    }
  }

  /// Whether whoever waits has new leases within a step: a verdict may wait for them, so that a
  /// step takes one message each way.
  var endsSoon: Bool {
    if case .step = self { true } else { false }
  }

  /// Takes work for one of `waiting` workers; nil when nothing is open.
  mutating func take(waiting: Int) -> Work? {
    switch self {
    case .step(var step):
      self = .over  // so that what follows changes `step` in place
      defer { self = .step(step) }
      let share = (step.openCount + waiting - 1) / max(waiting, 1)
      return step.take(atMost: share).map { .train(batch: step.batch, slices: $0.wire) }
    case .batches(var queue):
      defer { self = .batches(queue) }
      return queue.take().map { .train(batch: $0.batch, slices: (0..<$0.slices).wire) }
    case .evaluation(var round):
      self = .over
      defer { self = .evaluation(round) }
      return round.take()
    case .over:
      return nil
    }
  }

  /// Opens work again that its holder did not finish.
  mutating func giveBack(_ work: Work) {
    switch (self, work) {
    case (.step(var step), .train(_, let slices)):
      self = .over
      step.giveBack(slices.indices)
      self = .step(step)
    case (.batches(var queue), .train(let batch, _)):
      queue.giveBack(batch)
      self = .batches(queue)
    case (.evaluation(var round), .evaluate):
      round.giveBack(work)
      self = .evaluation(round)
    default: break
    }
  }
}

extension Range<Int> {
  /// These slice numbers as a message carries them.
  var wire: Range<UInt32> { UInt32(lowerBound)..<UInt32(upperBound) }
}

extension Range<UInt32> {
  /// These slice numbers as indices.
  var indices: Range<Int> { Int(lowerBound)..<Int(upperBound) }
}
