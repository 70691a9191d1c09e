/// The name of a lease: unique over the life of a training run, server restarts included.
package struct LeaseID: Sendable, Hashable {
  /// The incarnation of the server that granted the lease.
  package let incarnation: UInt64
  /// The number of the lease within that incarnation.
  package let counter: UInt64

  /// A name from its two parts.
  package init(incarnation: UInt64, counter: UInt64) {
    self.incarnation = incarnation
    self.counter = counter
  }
}

extension LeaseID: Comparable {
  /// The order in which one incarnation grants its leases.
  package static func < (left: LeaseID, right: LeaseID) -> Bool {
    (left.incarnation, left.counter) < (right.incarnation, right.counter)
  }
}

extension LeaseID: CustomStringConvertible {
  /// Both parts, for log lines.
  package var description: String { "\(incarnation):\(counter)" }
}

/// A part of the dataset that work is done on.
package enum Split: UInt8, Sendable, Hashable, CaseIterable {
  /// The samples that gradients are computed on.
  case train = 0
  /// The samples held back to watch the training.
  case validation = 1
  /// The samples for the final figure.
  case test = 2
}

/// What the holder of a lease computes.
///
/// Both kinds name positions only; a worker derives the samples itself, so a lease is a few bytes.
package enum Work: Sendable, Hashable {
  /// Gradients of the given slices of a training batch. The range is not empty.
  case train(batch: UInt64, slices: Range<UInt32>)
  /// Loss and hits over a run of samples of a split. The range is not empty.
  case evaluate(split: Split, samples: Range<UInt64>)
}

/// A unit of work that the server hands to a worker.
package struct Lease: Sendable, Hashable {
  /// The lease's name; it is fulfilled at most once.
  package let id: LeaseID
  /// The version of the weights to compute with.
  package let version: UInt64
  /// What to compute.
  package let work: Work

  /// A lease from its parts.
  package init(id: LeaseID, version: UInt64, work: Work) {
    self.id = id
    self.version = version
    self.work = work
  }
}
