/// Which batches of a training are in the weights: each at most once, and by its end all of them.
///
/// In `sync` mode that is always a run from the first; without an order of arrival some may be in
/// that come after one that is not.
package struct AppliedBatches: Sendable, Hashable {
  /// Every batch below this one is in.
  package private(set) var prefix: UInt64 = 0
  /// Batches above ``prefix`` that are in as well.
  package private(set) var beyond: Set<UInt64> = []

  /// No batch is in.
  package init() {}

  /// The batches below `prefix`, and those of `beyond`, in any order.
  package init(prefix: UInt64, beyond: some Sequence<UInt64>) {
    self.prefix = prefix
    for batch in beyond { insert(batch) }
  }

  /// Number of batches that are in.
  package var count: UInt64 { prefix + UInt64(beyond.count) }

  /// Whether a batch is in.
  package func contains(_ batch: UInt64) -> Bool { batch < prefix || beyond.contains(batch) }

  /// Enters a batch; false if it is in already, and then nothing changes.
  @discardableResult
  package mutating func insert(_ batch: UInt64) -> Bool {
    guard !contains(batch) else { return false }
    beyond.insert(batch)
    while beyond.remove(prefix) != nil { prefix += 1 }
    return true
  }
}
