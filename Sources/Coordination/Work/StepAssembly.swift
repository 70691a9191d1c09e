import Numerics
import Wire

/// A synchronous step in progress: the slices that are not leased, and the sum of the results.
struct StepAssembly: Sendable {
  /// The batch, counted from 0, whose gradient is assembled.
  let batch: UInt64
  private var open: OpenNodes
  private var sums: [SampleSums?]
  private var gradient: TreeSum

  /// Creates a step with no slice leased.
  ///
  /// - Parameters:
  ///   - slices: number of slices of this batch, at least one.
  ///   - width: number of values in a contribution.
  init(batch: UInt64, slices: Int, width: Int, kernels: Kernels = Kernels()) {
    self.batch = batch
    let tree = ReductionTree(leaves: slices)
    open = OpenNodes(tree: tree)
    sums = Array(repeating: nil, count: slices)
    gradient = TreeSum(tree: tree, width: width, kernels: kernels)
  }

  /// Number of slices that are not leased.
  var openCount: Int { open.count }

  /// Removes and returns slices for each of some idle workers; see ``OpenNodes/shares(among:)``.
  mutating func shares(among workers: Int) -> [Range<Int>] { open.shares(among: workers) }

  /// Makes the slices of a lease available again.
  ///
  /// - Precondition: they are a node of the batch's tree, and none of them is available.
  mutating func reopen(_ slices: Range<Int>) { open.reopen(slices) }

  /// Adds the result of a lease of `slices`.
  ///
  /// - Precondition: the result was validated against the lease (see ``ResultCheck``).
  mutating func add(_ slices: Range<Int>, _ result: LeaseResult) {
    for (slice, sum) in zip(slices, result.sums) { sums[slice] = sum }
    for part in result.contributions {
      gradient.add(part.slices.indices, part.values.floats)
    }
  }

  /// The sum over all slices, or nil until it is complete.
  var total: (contribution: [Float], sums: SampleSums)? {
    guard let contribution = gradient.total else { return nil }
    return (contribution, SampleSums(adding: sums.compactMap { $0 }))
  }
}
