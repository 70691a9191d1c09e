import Learning

/// The batches of a run without order of arrival that are yet to be granted, up to the next
/// evaluation.
struct BatchQueue: Sendable {
  private let plan: BatchPlan
  /// The batches that were in the weights when the queue began.
  private let applied: AppliedBatches
  /// The first batch that is not of this queue.
  let end: UInt64
  private var next: UInt64
  private var returned: [UInt64] = []

  /// The batches below `end` that are not in `applied`.
  init(after applied: AppliedBatches, upTo end: UInt64, plan: BatchPlan) {
    self.plan = plan
    self.applied = applied
    self.end = end
    next = applied.prefix
  }

  /// Takes the next batch and its number of slices; batches that were given back come first.
  mutating func take() -> (batch: UInt64, slices: Int)? {
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

  /// Takes back a batch that its holder did not finish.
  mutating func giveBack(_ batch: UInt64) {
    returned.append(batch)
  }
}
