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

  /// Number of leases that a worker may hold at a time. Where the order of results does not matter,
  /// a second lease hides the round trip.
  var leasesPerWorker: Int {
    switch self {
    case .step, .batches: 1
    case .evaluation: 2
    }
  }

  /// Whether the leases of this stage compute gradients.
  var isTraining: Bool {
    switch self {
    case .step, .batches: true
    case .evaluation: false
    }
  }

  /// Whether an idle worker gets its next leases within the current step: a verdict is then sent
  /// together with them, so that a step takes one message in each direction.
  var defersVerdicts: Bool {
    if case .step = self { true } else { false }
  }

  /// Whether some work is not leased.
  var hasOpenWork: Bool {
    switch self {
    case .step(let step): step.openCount > 0
    case .batches(let queue): !queue.isExhausted
    case .evaluation(let round): round.hasOpen
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
