/// How often the state of a run is written down.
package enum CheckpointInterval: Hashable, Sendable {
  /// Every so many updates.
  case steps(UInt64)
  /// Every so much time, if there was an update.
  case time(Duration)
  /// At the beginning and at the end only.
  case never
}

/// The splits to evaluate with the final weights.
package enum FinalEvaluation: String, CaseIterable, Hashable, Sendable {
  /// Training, validation and test set.
  case all
  /// The test set only.
  case test
  /// None.
  case none
}

/// How a server deals with its workers: nothing of it changes what is computed.
package struct Policy: Hashable, Sendable {
  /// How often the two sides speak, and how long a silence means a loss.
  package var timing: Timing
  /// Workers below which no training lease is granted.
  package var minimumWorkers: Int
  /// Workers above which no other is welcomed.
  package var maximumWorkers: Int
  /// How often the state is written down.
  package var checkpoints: CheckpointInterval
  /// The splits to evaluate with the final weights.
  package var finalEvaluation: FinalEvaluation

  /// Any number of workers from 1 to 1024, and a checkpoint every 30 seconds.
  package init(
    timing: Timing = Timing(), minimumWorkers: Int = 1, maximumWorkers: Int = 1024,
    checkpoints: CheckpointInterval = .time(.seconds(30)), finalEvaluation: FinalEvaluation = .all
  ) {
    self.timing = timing
    self.minimumWorkers = minimumWorkers
    self.maximumWorkers = maximumWorkers
    self.checkpoints = checkpoints
    self.finalEvaluation = finalEvaluation
  }
}
