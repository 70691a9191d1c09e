/// Identifier of a lease, unique within a training run, including across server restarts.
package struct LeaseID: Sendable, Hashable {
  /// The incarnation of the server that granted the lease.
  package let incarnation: UInt64
  /// The number of the lease within that incarnation.
  package let counter: UInt64

  /// Creates an identifier from its two parts.
  package init(incarnation: UInt64, counter: UInt64) {
    self.incarnation = incarnation
    self.counter = counter
  }
}

extension LeaseID: Comparable {
  /// Orders leases of one incarnation by the time they were granted.
  package static func < (left: LeaseID, right: LeaseID) -> Bool {
    (left.incarnation, left.counter) < (right.incarnation, right.counter)
  }
}

extension LeaseID: CustomStringConvertible {
  /// Both parts, `incarnation:counter`, for log messages.
  package var description: String { "\(incarnation):\(counter)" }
}

/// A subset of the dataset.
package enum Split: UInt8, Sendable, Hashable, CaseIterable {
  /// The samples used to compute gradients.
  case train = 0
  /// The held-out samples used to monitor the training.
  case validation = 1
  /// The samples used for the final evaluation.
  case test = 2
}

/// The computation that a lease permits.
///
/// Both kinds contain positions only, from which the worker derives the samples. So a lease takes
/// only a few bytes.
package enum Work: Sendable, Hashable {
  /// The gradients of a nonempty range of slices of a training batch.
  case train(batch: UInt64, slices: Range<UInt32>)
  /// The loss and the number of correct predictions over a nonempty range of samples of a split.
  case evaluate(split: Split, samples: Range<UInt64>)
}

/// Permission for one worker to compute a given unit of work once, granted by the server.
package struct Lease: Sendable, Hashable {
  /// The identifier; a lease is fulfilled at most once.
  package let id: LeaseID
  /// The version of the weights to compute with.
  package let version: UInt64
  /// The work to compute.
  package let work: Work

  /// Creates a lease.
  package init(id: LeaseID, version: UInt64, work: Work) {
    self.id = id
    self.version = version
    self.work = work
  }
}
