/// The set of batches whose gradients are in the weights; a run applies every batch exactly once.
///
/// In `sync` mode this is always a contiguous prefix of the batches. In the other modes batches may
/// be applied out of order, so that some above the prefix are in the set as well.
package struct AppliedBatches: Sendable, Hashable {
  /// The end of the contiguous part: every batch below this one has been applied.
  package private(set) var prefix: UInt64 = 0
  /// Applied batches above ``prefix``.
  package private(set) var beyond: Set<UInt64> = []

  /// Creates an empty set.
  package init() {}

  /// Creates a set of the batches below `prefix` and those in `beyond`, given in any order.
  package init(prefix: UInt64, beyond: some Sequence<UInt64>) {
    self.prefix = prefix
    for batch in beyond { insert(batch) }
  }

  /// Number of applied batches.
  package var count: UInt64 { prefix + UInt64(beyond.count) }

  /// Returns whether a batch has been applied.
  package func contains(_ batch: UInt64) -> Bool { batch < prefix || beyond.contains(batch) }

  /// Inserts a batch; returns false, and changes nothing, if it is in the set already.
  @discardableResult
  package mutating func insert(_ batch: UInt64) -> Bool {
    guard !contains(batch) else { return false }
    beyond.insert(batch)
    while beyond.remove(prefix) != nil { prefix += 1 }
    return true
  }
}
