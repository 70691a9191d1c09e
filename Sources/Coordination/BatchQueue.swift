import Learning

/// The batches of an asynchronous run that are yet to be granted, up to the next evaluation.
struct BatchQueue: Sendable {
  private let plan: BatchPlan
  /// The first batch that is not of this queue.
  let end: UInt64
  private var next: UInt64
  private var returned: [UInt64] = []

  /// The batches from `first` up to, not including, `end`.
  init(_ batches: Range<UInt64>, plan: BatchPlan) {
    self.plan = plan
    next = batches.lowerBound
    end = batches.upperBound
  }

  /// Takes the next batch and its number of slices; batches that were given back come first.
  mutating func take() -> (batch: UInt64, slices: Int)? {
    if !returned.isEmpty {
      let batch = returned.removeFirst()
      return (batch, plan.sliceCount(batch: batch))
    }
    guard next < end else { return nil }
    defer { next += 1 }
    return (next, plan.sliceCount(batch: next))
  }

  /// Takes back a batch that its holder did not finish.
  mutating func giveBack(_ batch: UInt64) {
    returned.append(batch)
  }
}
