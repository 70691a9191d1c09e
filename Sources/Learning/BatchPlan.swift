/// How a training is cut into batches, and a batch into slices.
///
/// Positions number the samples in the order in which training uses them: position p is place
/// `p % sampleCount` of epoch `p / sampleCount`. Batch b is a run of positions, and a batch may
/// straddle two epochs. Slice s of S is a run of its batch, so that a slice is the same whoever
/// computes it.
package struct BatchPlan: Sendable, Hashable {
  /// The number of samples in a batch; only the last batch may be smaller.
  package let batchSize: Int
  /// The number of slices of a batch that has at least as many samples.
  package let slices: Int
  /// The number of training samples, that is positions in an epoch.
  package let sampleCount: Int
  /// When training ends.
  package let length: TrainingLength

  /// A plan over `sampleCount` training samples.
  ///
  /// - Precondition: `batchSize` and `slices` are in 1...65536, `sampleCount` is in 1...2^32, and
  ///   `length` is valid.
  package init(batchSize: Int, slices: Int, sampleCount: Int, length: TrainingLength) {
    precondition((1...65536).contains(batchSize) && (1...65536).contains(slices))
    precondition((1...1 << 32).contains(sampleCount))
    precondition(length.isValid)
    self.batchSize = batchSize
    self.slices = slices
    self.sampleCount = sampleCount
    self.length = length
  }

  /// The plan of a recipe over `sampleCount` training samples.
  package init(recipe: Recipe, sampleCount: Int) {
    self.init(
      batchSize: recipe.batchSize, slices: recipe.slices, sampleCount: sampleCount,
      length: recipe.length)
  }

  /// The number of samples used from beginning to end, repeated ones counted again.
  package var positionCount: UInt64 {
    switch length {
    case .epochs(let epochs): epochs * UInt64(sampleCount)
    case .steps(let steps): steps * UInt64(batchSize)
    }
  }

  /// The number of batches, which is the number of updates of the weights.
  package var steps: UInt64 {
    (positionCount + UInt64(batchSize) - 1) / UInt64(batchSize)
  }

  /// The positions of a batch.
  ///
  /// - Precondition: `batch < steps`.
  package func positions(batch: UInt64) -> Range<UInt64> {
    precondition(batch < steps, "the training has no such batch")
    let start = batch * UInt64(batchSize)
    return start..<min(start + UInt64(batchSize), positionCount)
  }

  /// The number of samples in a batch.
  ///
  /// - Precondition: `batch < steps`.
  package func size(ofBatch batch: UInt64) -> Int {
    positions(batch: batch).count
  }

  /// The number of slices of a batch: `slices`, or its size where that is less, so that no slice
  /// is empty.
  ///
  /// - Precondition: `batch < steps`.
  package func sliceCount(batch: UInt64) -> Int {
    min(slices, size(ofBatch: batch))
  }

  /// The positions of one slice of a batch. Sizes of a batch's slices differ by at most one.
  ///
  /// - Precondition: `batch < steps` and `slice < sliceCount(batch:)`.
  package func positions(batch: UInt64, slice: Int) -> Range<UInt64> {
    positions(batch: batch, slices: slice..<slice + 1)
  }

  /// The positions of a run of neighbouring slices of a batch.
  ///
  /// - Precondition: `contains(batch:slices:)`.
  package func positions(batch: UInt64, slices run: Range<Int>) -> Range<UInt64> {
    precondition(contains(batch: batch, slices: run), "the batch has no such slices")
    let start = positions(batch: batch).lowerBound
    let size = UInt64(size(ofBatch: batch))
    let count = UInt64(sliceCount(batch: batch))
    return start + size * UInt64(run.lowerBound) / count..<start + size * UInt64(run.upperBound)
      / count
  }

  /// The rows of each slice in a minibatch that holds exactly the given run of slices.
  ///
  /// - Precondition: `contains(batch:slices:)`.
  package func rows(batch: UInt64, slices run: Range<Int>) -> [Range<Int>] {
    let first = positions(batch: batch, slices: run).lowerBound
    return run.map { slice in
      let range = positions(batch: batch, slice: slice)
      return Int(range.lowerBound - first)..<Int(range.upperBound - first)
    }
  }

  /// Whether the training has this batch and the batch has these slices (and at least one).
  /// A lease that came from a peer is checked with this before anything else looks at it.
  package func contains(batch: UInt64, slices run: Range<Int>) -> Bool {
    batch < steps && !run.isEmpty && run.lowerBound >= 0
      && run.upperBound <= sliceCount(batch: batch)
  }

  /// The epoch, counted from 0, to which a position belongs.
  package func epoch(ofPosition position: UInt64) -> UInt64 {
    position / UInt64(sampleCount)
  }
}
