package import Wire

/// The interval between checkpoints of a run.
package enum CheckpointInterval: Hashable, Sendable {
  /// A number of updates.
  case steps(UInt64)
  /// A time; no checkpoint is written if there was no update.
  case time(Duration)
  /// No checkpoints except the first and the final one.
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

/// The rules by which a server treats its workers and checkpoints; none of them affects the result.
package struct Policy: Hashable, Sendable {
  /// The heartbeat interval and the deadlines.
  package var timing: Timing
  /// The number of workers that must be ready before the first lease for training is granted.
  package var startWith: Int
  /// The smallest number of ready workers with which leases for training are granted, at any time.
  package var minimumWorkers: Int
  /// The greatest number of workers; further ones are refused.
  package var maximumWorkers: Int
  /// The interval between checkpoints.
  package var checkpoints: CheckpointInterval
  /// The splits to evaluate with the final weights.
  package var finalEvaluation: FinalEvaluation
  /// The share of training leases that are computed twice and compared, from 0 to 1; in mode `sync`
  /// only.
  package var auditShare = 0.0
  /// Whether the run returns to weights without results of a worker that the audit has found to be
  /// faulty.
  package var replaysAudit = false

  /// The division of vectors into pieces, and the credit of each session.
  package var transfers: TransferLimits
  /// The number of messages to a worker, apart from pieces, that it has not acknowledged and from
  /// which on heartbeats to it are skipped. On a slow connection an acknowledgement waits behind
  /// the pieces of a whole window, and other workers' disconnects cause heartbeats.
  package var heartbeatLimit = Channel.heartbeatLimit

  /// Creates a policy; by default any number of workers from 1 to 1024, and a checkpoint every 30
  /// seconds.
  package init(
    timing: Timing = Timing(), startWith: Int = 1, minimumWorkers: Int = 1,
    maximumWorkers: Int = 1024, checkpoints: CheckpointInterval = .time(.seconds(30)),
    finalEvaluation: FinalEvaluation = .all, transfers: TransferLimits = TransferLimits()
  ) {
    self.timing = timing
    self.startWith = startWith
    self.transfers = transfers
    self.minimumWorkers = minimumWorkers
    self.maximumWorkers = maximumWorkers
    self.checkpoints = checkpoints
    self.finalEvaluation = finalEvaluation
  }

  /// Maximum number of leases that are being compared at a time, each of which keeps at most two
  /// gradients; further leases are not audited.
  package static let mostAudits = 64

  /// The messages of a session that are neither pieces nor heartbeats and may be under way to a
  /// worker: grants, acknowledgements, the welcome and the drain.
  private static let otherMessages = 24

  /// The length of a queue in which every message that a session may have under way to its worker
  /// has room, so that it is full only for a peer that violates the protocol. libzmq reports free
  /// places only after half of the queue has been sent.
  package var queueLength: Int {
    let pieces = transfers.windowBytes / (4 * transfers.pieceElements)
    return 2 * (pieces + heartbeatLimit + Self.otherMessages)
  }
}
