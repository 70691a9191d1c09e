import Numerics
import Wire

/// A synchronous step in progress: the slices that are not leased, and the sum of the results.
struct StepAssembly: Sendable {
  /// The batch, counted from 0, whose gradient is assembled.
  let batch: UInt64
  private var isOpen: [Bool]
  private var sums: [SampleSums?]
  private var gradient: TreeSum

  /// Creates a step with no slice leased.
  ///
  /// - Parameters:
  ///   - slices: number of slices of this batch, at least one.
  ///   - width: number of values in a contribution.
  init(batch: UInt64, slices: Int, width: Int) {
    self.batch = batch
    isOpen = Array(repeating: true, count: slices)
    sums = Array(repeating: nil, count: slices)
    gradient = TreeSum(tree: ReductionTree(leaves: slices), width: width)
  }

  /// Number of slices that are not leased.
  var openCount: Int { isOpen.count(where: { $0 }) }

  /// Removes and returns the first run of adjacent available slices, at most `limit` of them.
  mutating func popRun(atMost limit: Int) -> Range<Int>? {
    guard limit > 0, let first = isOpen.firstIndex(of: true) else { return nil }
    var end = first
    while end < isOpen.count, isOpen[end], end - first < limit {
      isOpen[end] = false
      end += 1
    }
    return first..<end
  }

  /// Makes the slices of a lease available again.
  mutating func reopen(_ slices: Range<Int>) {
    for slice in slices { isOpen[slice] = true }
  }

  /// Adds the result of a lease of `slices`.
  ///
  /// - Precondition: the result was validated against the lease (see ``ResultCheck``).
  mutating func add(_ slices: Range<Int>, _ result: LeaseResult) {
    for (slice, sum) in zip(slices, result.sums) { sums[slice] = sum }
    for part in result.contributions {
      gradient.add(Int(part.slices.lowerBound)..<Int(part.slices.upperBound), part.values)
    }
  }

  /// The sum over all slices, or nil until it is complete.
  var total: (contribution: [Float], sums: SampleSums)? {
    guard let contribution = gradient.total else { return nil }
    return (contribution, SampleSums(adding: sums.compactMap { $0 }))
  }
}
