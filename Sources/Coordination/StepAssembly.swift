import Numerics
import Wire

/// One synchronous step on its way: which of its slices are open, and the sum of those that are in.
struct StepAssembly: Sendable {
  /// The batch, counted from 0, whose gradient is assembled.
  let batch: UInt64
  private var isOpen: [Bool]
  private var sums: [SampleSums?]
  private var gradient: TreeSum

  /// A step of which nothing is granted yet.
  ///
  /// - Parameters:
  ///   - slices: number of slices of this batch, at least one.
  ///   - width: number of values of a contribution.
  init(batch: UInt64, slices: Int, width: Int) {
    self.batch = batch
    isOpen = Array(repeating: true, count: slices)
    sums = Array(repeating: nil, count: slices)
    gradient = TreeSum(tree: ReductionTree(leaves: slices), width: width)
  }

  /// Number of slices that nobody holds.
  var openCount: Int { isOpen.count(where: { $0 }) }

  /// Takes the first run of neighbouring open slices, at most `limit` of them.
  mutating func take(atMost limit: Int) -> Range<Int>? {
    guard limit > 0, let first = isOpen.firstIndex(of: true) else { return nil }
    var end = first
    while end < isOpen.count, isOpen[end], end - first < limit {
      isOpen[end] = false
      end += 1
    }
    return first..<end
  }

  /// Opens the slices of a lease that was taken back.
  mutating func giveBack(_ slices: Range<Int>) {
    for slice in slices { isOpen[slice] = true }
  }

  /// Adds the result of a lease on `slices`.
  ///
  /// - Precondition: the result was checked against the lease (see ``ResultCheck``).
  mutating func add(_ slices: Range<Int>, _ result: LeaseResult) {
    for (slice, sum) in zip(slices, result.sums) { sums[slice] = sum }
    for part in result.contributions {
      gradient.add(
        Int(part.slices.lowerBound)..<Int(part.slices.upperBound),
        littleEndian: part.values.content, at: part.values.payloadOffset)
    }
  }

  /// The sum over all slices, once it is complete.
  var total: (contribution: [Float], sums: SampleSums)? {
    guard let contribution = gradient.total else { return nil }
    return (contribution, SampleSums(adding: sums.compactMap { $0 }))
  }
}
