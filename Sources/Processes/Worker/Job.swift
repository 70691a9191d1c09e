package import Wire

/// An instruction from a worker's socket thread to its compute thread; executed in order.
package enum Job: Sendable {
  /// Create the model that these settings describe.
  case prepare(Welcome)
  /// Use these weights from now on.
  case load(PiecewiseVector, version: UInt64)
  /// Compute this lease.
  case compute(Lease)
  /// End the thread.
  case end
}

/// A report from the compute thread to the socket thread.
enum JobResult: Sendable {
  /// The result of a lease.
  case computed(LeaseResult)
  /// The description of the error that made a job fail.
  case failed(String)
}

/// An executor of jobs; created and used on the compute thread.
package protocol JobRunner: AnyObject {
  /// Executes one job.
  ///
  /// - Returns: the result of a lease, nil for any other job.
  /// - Throws: an error whose description is one line.
  func run(_ job: Job) throws -> LeaseResult?
}
