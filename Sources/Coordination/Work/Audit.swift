/// Counters of a run: samples applied to the weights, results not applied, and leases reissued.
///
/// The samples are counted from the results themselves, independently of the leases, so that the
/// audit detects errors in the accounting of leases.
package struct Audit: Sendable, Hashable {
  /// Training samples whose gradients are in the weights, over all epochs.
  package var samplesApplied: UInt64 = 0
  /// Results for leases that were already fulfilled.
  package var duplicatesRefused: UInt64 = 0
  /// Results that came too late: of an earlier incarnation of the server, for reclaimed leases, or
  /// computed with weights that are too old.
  package var staleRefused: UInt64 = 0
  /// Results that did not match their lease or were not finite.
  package var resultsRejected: UInt64 = 0
  /// Leases issued again: reclaimed from evicted workers, or copied because they were late.
  package var leasesReissued: UInt64 = 0
  /// Leases whose result was compared with a second computation.
  package var leasesAudited: UInt64 = 0
  /// Results of audited leases that were not those of the server.
  package var resultsDiffering: UInt64 = 0
  /// Epochs whose count has reached the size of the training set.
  package var epochsComplete: UInt64 = 0
  /// Samples applied per incomplete epoch. A count above the size of the training set is an error,
  /// and the epoch stays in this dictionary.
  package var openEpochs: [UInt64: UInt64] = [:]

  /// Creates an audit with all counters at zero.
  package init() {}

  /// Records the samples of one batch, given as a run of positions (see `BatchPlan`).
  ///
  /// - Parameter epochSize: samples in the training set.
  package mutating func record(positions: Range<UInt64>, epochSize: UInt64) {
    guard !positions.isEmpty else { return }
    samplesApplied += positions.upperBound - positions.lowerBound
    let first = positions.lowerBound / epochSize
    let last = (positions.upperBound - 1) / epochSize
    let lastStart = last * epochSize
    guard first < last else {
      return add(positions.upperBound - positions.lowerBound, to: first, epochSize: epochSize)
    }
    add((first + 1) * epochSize - positions.lowerBound, to: first, epochSize: epochSize)
    add(positions.upperBound - lastStart, to: last, epochSize: epochSize)
    addWhole(first + 1..<last, epochSize: epochSize)
  }

  private mutating func add(_ samples: UInt64, to epoch: UInt64, epochSize: UInt64) {
    let count = openEpochs.removeValue(forKey: epoch, default: 0) + samples
    if count == epochSize { epochsComplete += 1 } else { openEpochs[epoch] = count }
  }

  /// Adds all samples of many epochs, in a time that does not depend on their number.
  private mutating func addWhole(_ epochs: Range<UInt64>, epochSize: UInt64) {
    guard !epochs.isEmpty else { return }
    let open = openEpochs.keys.filter(epochs.contains)
    epochsComplete += UInt64(epochs.count - open.count)
    for epoch in open { add(epochSize, to: epoch, epochSize: epochSize) }
  }

  /// Returns whether the complete and incomplete epochs add up to the total number of samples.
  package func isBalanced(epochSize: UInt64) -> Bool {
    openEpochs.values.allSatisfy { $0 < epochSize }
      && epochsComplete * epochSize + openEpochs.values.reduce(0, +) == samplesApplied
  }
}

extension Dictionary {
  fileprivate mutating func removeValue(forKey key: Key, default value: Value) -> Value {
    removeValue(forKey: key) ?? value
  }
}
