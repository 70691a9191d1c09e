import Learning

/// The batches that an asynchronous run has still to lease before its next evaluation.
struct BatchQueue: Sendable {
  private let plan: BatchPlan
  /// Batches that had been applied when the queue was created.
  private let applied: AppliedBatches
  /// The first batch that is not part of this queue.
  let end: UInt64
  /// The first batch that has not been returned and is not in `applied`; at least `end` if there is
  /// none.
  private var next: UInt64
  private var reopened = Queue<UInt64>()

  /// Creates a queue of the batches below `end` that are not in `applied`.
  init(after applied: AppliedBatches, upTo end: UInt64, plan: BatchPlan) {
    self.plan = plan
    self.applied = applied
    self.end = end
    next = applied.prefix
  }

  /// Whether no batch is left to lease.
  var isExhausted: Bool { next >= end && reopened.isEmpty }

  /// Removes and returns the next batch and its number of slices; reopened batches come first.
  mutating func popNext() -> (batch: UInt64, slices: Int)? {
    guard let batch = reopened.popFirst() ?? popUnapplied() else { return nil }
    return (batch, plan.sliceCount(batch: batch))
  }

  /// Puts a batch back whose lease was reclaimed or whose result was not accepted.
  mutating func reopen(_ batch: UInt64) {
    reopened.append(batch)
  }

  private mutating func popUnapplied() -> UInt64? {
    guard next < end else { return nil }
    let batch = next
    repeat { next += 1 } while next < end && applied.contains(next)
    return batch
  }
}
