import Learning

/// The batches that an asynchronous run has still to lease before its next evaluation.
struct BatchQueue: Sendable {
  private let plan: BatchPlan
  /// Batches that had been applied when the queue was created.
  private let applied: AppliedBatches
  /// The first batch that is not part of this queue.
  let end: UInt64
  private var next: UInt64
  private var returned: [UInt64] = []

  /// Creates a queue of the batches below `end` that are not in `applied`.
  init(after applied: AppliedBatches, upTo end: UInt64, plan: BatchPlan) {
    self.plan = plan
    self.applied = applied
    self.end = end
    next = applied.prefix
  }

  /// Removes and returns the next batch and its number of slices; reopened batches come first.
  mutating func popNext() -> (batch: UInt64, slices: Int)? {
    if !returned.isEmpty {
      let batch = returned.removeFirst()
      return (batch, plan.sliceCount(batch: batch))
    }
    while next < end {
      defer { next += 1 }
      if !applied.contains(next) { return (next, plan.sliceCount(batch: next)) }
    }
    return nil
  }

  /// Puts a batch back whose lease was reclaimed or whose result was not accepted.
  mutating func reopen(_ batch: UInt64) {
    returned.append(batch)
  }
}
