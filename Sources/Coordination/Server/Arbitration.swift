import Wire

/// The results that are not finite: they show either that the training diverges or that a worker is
/// faulty.
///
/// Results are reproducible bit by bit. So the server computes the work itself: if its own result
/// is not finite either, the training diverges; otherwise the worker is faulty. So no worker is
/// blamed for a learning rate, and workers, be they faulty or hostile, cannot end a run.
struct Arbitration: Sendable {
  /// Work that the server computes.
  struct Dispute: Sendable {
    /// The work.
    let work: Work
    /// The worker whose result is not finite.
    let worker: WorkerIncarnation
  }

  /// Maximum number of works that the server computes; each has its own copy of the weights.
  private static let mostDisputes = 16

  private var disputes: [LeaseID: Dispute] = [:]

  /// Records a result that is not finite, of a lease that has no other holders any more.
  ///
  /// - Returns: false if there are too many, and the work must be leased again.
  mutating func open(_ lease: Lease, by worker: WorkerIncarnation) -> Bool {
    guard disputes.count < Self.mostDisputes else { return false }
    disputes[lease.id] = Dispute(work: lease.work, worker: worker)
    return true
  }

  /// Ends the dispute about a lease, if there is one: the server has computed it.
  mutating func close(_ lease: LeaseID) -> Dispute? { disputes.removeValue(forKey: lease) }
}
