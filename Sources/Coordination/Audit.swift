/// The books of a run: what reached the weights, sample by sample, and what was kept from them.
///
/// The samples are counted from the results themselves, apart from the leases, so that the audit
/// finds what the leases' own book-keeping would miss.
package struct Audit: Sendable, Hashable {
  /// Training samples whose gradients are in the weights, over all epochs.
  package var samplesApplied: UInt64 = 0
  /// Results for leases that had been fulfilled before.
  package var duplicatesRefused: UInt64 = 0
  /// Results of an earlier life of the server, for leases taken back, or of weights too old.
  package var staleRefused: UInt64 = 0
  /// Results that did not fit their lease, or were not finite.
  package var resultsRejected: UInt64 = 0
  /// Leases that were given out once more: taken back from a lost worker, or copies of late ones.
  package var leasesReissued: UInt64 = 0
  /// Epochs that were counted to exactly the size of the training set.
  package var epochsComplete: UInt64 = 0
  /// Samples applied of the epochs that were begun and are not complete, by epoch. One of more
  /// samples than there are would stay here for ever.
  package var openEpochs: [UInt64: UInt64] = [:]

  /// Books with no entry.
  package init() {}

  /// Enters the samples of one batch: a run of positions over all epochs (see `BatchPlan`).
  ///
  /// - Parameter epochSize: samples in the training set.
  package mutating func enter(positions: Range<UInt64>, epochSize: UInt64) {
    samplesApplied += UInt64(positions.count)
    var position = positions.lowerBound
    while position < positions.upperBound {
      let epoch = position / epochSize
      let end = min((epoch + 1) * epochSize, positions.upperBound)
      let count = openEpochs.removeValue(forKey: epoch, default: 0) + (end - position)
      if count == epochSize { epochsComplete += 1 } else { openEpochs[epoch] = count }
      position = end
    }
  }

  /// Whether all entries add up: complete epochs, open ones, and the samples in all.
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
