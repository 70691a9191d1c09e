import Coordination
import TestSupport
import Testing

@Suite struct AppliedBatchesTests {
  @Test func batchesWithoutAGapFormThePrefix() {
    var applied = AppliedBatches()
    for batch in [0, 2, 3, 5] as [UInt64] {
      let isNew = applied.insert(batch)
      #expect(isNew)
    }
    #expect(applied.prefix == 1 && applied.beyond == [2, 3, 5] && applied.count == 4)
    applied.insert(1)
    #expect(applied.prefix == 4 && applied.beyond == [5])
    #expect((0...6).map { applied.contains($0) } == [true, true, true, true, false, true, false])
  }

  @Test func aBatchIsInsertedOnce() {
    var applied = AppliedBatches(prefix: 3, beyond: [5])
    let before = applied
    for batch in [0, 2, 5] as [UInt64] {
      let isNew = applied.insert(batch)
      #expect(!isNew)
    }
    #expect(applied == before)
  }

  @Test func adjacentPartsAreMerged() {
    let whole = AppliedBatches(prefix: 6, beyond: [7])
    #expect(AppliedBatches(prefix: 3, beyond: [5, 4, 3, 7]) == whole)
    #expect(AppliedBatches(prefix: 3, beyond: [1]) == AppliedBatches(prefix: 3, beyond: []))
  }
}

@Suite struct AuditTests {
  @Test func epochsAreCountedToTheirSizeIfABatchSpansTwo() {
    var audit = Audit()
    for start in stride(from: UInt64(0), to: 30, by: 4) {
      audit.record(positions: start..<min(start + 4, 30), epochSize: 10)
      #expect(audit.isBalanced(epochSize: 10))
    }
    #expect(audit.samplesApplied == 30 && audit.epochsComplete == 3 && audit.openEpochs.isEmpty)
  }

  @Test func theOrderOfBatchesDoesNotMatter() {
    var audit = Audit()
    for start in [16, 4, 0, 12, 8] as [UInt64] {
      audit.record(positions: start..<start + 4, epochSize: 10)
    }
    #expect(audit.epochsComplete == 2 && audit.openEpochs.isEmpty)
  }

  @Test func anEpochOfTooManySamplesIsNeverBalanced() {
    var audit = Audit()
    audit.record(positions: 0..<8, epochSize: 10)
    #expect(audit.isBalanced(epochSize: 10) && audit.openEpochs == [0: 8])
    audit.record(positions: 4..<8, epochSize: 10)
    #expect(audit.openEpochs == [0: 12] && !audit.isBalanced(epochSize: 10))
    audit.record(positions: 8..<10, epochSize: 10)
    #expect(!audit.isBalanced(epochSize: 10))
  }

  @Test func aSampleThatIsNotInAnyEpochIsDetected() {
    var audit = Audit()
    audit.record(positions: 0..<10, epochSize: 10)
    audit.samplesApplied += 1
    #expect(!audit.isBalanced(epochSize: 10))
  }

  /// Positions may be billions of epochs: of a file whose training set has one sample.
  @Test(.limit(minutes: 1))
  func manyEpochsAreRecordedAtOnce() {
    var audit = Audit()
    audit.record(positions: 0..<50_000_000_000_000, epochSize: 1)
    #expect(audit.epochsComplete == 50_000_000_000_000 && audit.openEpochs.isEmpty)
    audit.record(positions: 50_000_000_000_000..<50_000_000_000_001, epochSize: 1)
    #expect(audit.isBalanced(epochSize: 1))
  }

  @Test func aRunOfPositionsCountsLikeItsPartsInEachEpoch() {
    for (size, lower, upper) in [(1, 0, 9), (4, 3, 21), (5, 5, 20), (7, 2, 6), (3, 4, 4)] {
      let size = UInt64(size)
      var (whole, parts) = (Audit(), Audit())
      for open in [8..<10, 13..<14] as [Range<UInt64>] {
        whole.record(positions: open, epochSize: size)
        parts.record(positions: open, epochSize: size)
      }
      whole.record(positions: UInt64(lower)..<UInt64(upper), epochSize: size)
      for epoch in 0..<UInt64(upper) {
        let part = (epoch * size..<(epoch + 1) * size).clamped(to: UInt64(lower)..<UInt64(upper))
        parts.record(positions: part, epochSize: size)
      }
      #expect(whole == parts)
    }
  }
}
