/// The division of a training into batches, and of batches into slices.
///
/// Positions number the samples in the order in which training uses them: position p is place
/// `p % sampleCount` of epoch `p / sampleCount`. A batch is a range of positions and may span two
/// epochs. A slice is a range of positions of its batch that does not depend on the worker that
/// computes it.
package struct BatchPlan: Sendable, Hashable {
  /// The number of samples in a batch; only the last batch may be smaller.
  package let batchSize: Int
  /// The number of slices in a batch; a batch with fewer samples has one slice per sample.
  package let slices: Int
  /// The number of training samples, which is the number of positions in an epoch.
  package let sampleCount: Int
  /// The length of the training.
  package let length: TrainingLength

  /// Creates a plan for `sampleCount` training samples.
  ///
  /// - Precondition: `batchSize` and `slices` are in 1...65536, `sampleCount` is in 1...2^32, and
  ///   `length` is valid.
  package init(batchSize: Int, slices: Int, sampleCount: Int, length: TrainingLength) {
    precondition((1...65536).contains(batchSize), "the batch size must be in 1...65536")
    precondition((1...65536).contains(slices), "the number of slices must be in 1...65536")
    precondition((1...1 << 32).contains(sampleCount), "the sample count must be in 1...2^32")
    precondition(length.isValid, "the training length \(length) is out of range")
    self.batchSize = batchSize
    self.slices = slices
    self.sampleCount = sampleCount
    self.length = length
  }

  /// Creates the plan of a recipe for `sampleCount` training samples.
  package init(recipe: Recipe, sampleCount: Int) {
    self.init(
      batchSize: recipe.batchSize, slices: recipe.slices, sampleCount: sampleCount,
      length: recipe.length)
  }

  /// The number of positions in the training: all samples used, counting repetitions.
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

  /// Returns the positions of a batch.
  ///
  /// - Precondition: `batch < steps`.
  package func positions(batch: UInt64) -> Range<UInt64> {
    precondition(batch < steps, "batch \(batch) is not in 0..<\(steps)")
    let start = batch * UInt64(batchSize)
    return start..<min(start + UInt64(batchSize), positionCount)
  }

  /// Returns the number of samples in a batch.
  ///
  /// - Precondition: `batch < steps`.
  package func size(ofBatch batch: UInt64) -> Int {
    positions(batch: batch).count
  }

  /// Returns the number of slices of a batch: `slices`, or the batch's size if that is less, so
  /// that no slice is empty.
  ///
  /// - Precondition: `batch < steps`.
  package func sliceCount(batch: UInt64) -> Int {
    min(slices, size(ofBatch: batch))
  }

  /// Returns the positions of one slice of a batch. Slices of a batch differ in size by at most
  /// one.
  ///
  /// - Precondition: `batch < steps` and `slice < sliceCount(batch:)`.
  package func positions(batch: UInt64, slice: Int) -> Range<UInt64> {
    positions(batch: batch, slices: slice..<slice + 1)
  }

  /// Returns the positions of a range of adjacent slices of a batch.
  ///
  /// - Precondition: `contains(batch:slices:)`.
  package func positions(batch: UInt64, slices run: Range<Int>) -> Range<UInt64> {
    precondition(contains(batch: batch, slices: run), "batch \(batch) has no slices \(run)")
    let start = positions(batch: batch).lowerBound
    let size = UInt64(size(ofBatch: batch))
    let count = UInt64(sliceCount(batch: batch))
    return start + size * UInt64(run.lowerBound) / count..<start + size * UInt64(run.upperBound)
      / count
  }

  /// Returns the rows of each slice in a minibatch that consists of the given range of slices.
  ///
  /// - Precondition: `contains(batch:slices:)`.
  package func rows(batch: UInt64, slices run: Range<Int>) -> [Range<Int>] {
    let first = positions(batch: batch, slices: run).lowerBound
    return run.map { slice in
      let range = positions(batch: batch, slice: slice)
      return Int(range.lowerBound - first)..<Int(range.upperBound - first)
    }
  }

  /// Returns whether the training has this batch and the batch has these slices (at least one). A
  /// lease received from a peer is checked with this method before it is used.
  package func contains(batch: UInt64, slices run: Range<Int>) -> Bool {
    batch < steps && !run.isEmpty && run.lowerBound >= 0
      && run.upperBound <= sliceCount(batch: batch)
  }

  /// Returns the epoch, counted from 0, to which a position belongs.
  package func epoch(ofPosition position: UInt64) -> UInt64 {
    position / UInt64(sampleCount)
  }
}
