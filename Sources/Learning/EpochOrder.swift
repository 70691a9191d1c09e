import Numerics

/// The order in which an epoch uses the training samples: a permutation that is a pure function of
/// (seed, epoch), so every worker computes it locally.
///
/// The permutation is a Fisher-Yates shuffle (Durstenfeld 1964) with the epoch's random stream.
package struct EpochOrder: Sendable {
  /// The number of training samples.
  package let count: Int
  /// The seed of the training.
  package let seed: UInt64
  private var cache: [(epoch: UInt64, order: [Int])] = []

  /// Creates the orders of all epochs over `count` samples.
  ///
  /// - Precondition: `count` is in 1...2^32 - 1.
  package init(count: Int, seed: UInt64) {
    precondition(
      count > 0 && count <= Int(UInt32.max), "\(count) training samples are not in 1...2^32 - 1")
    self.count = count
    self.seed = seed
  }

  /// Returns the order of one epoch.
  ///
  /// - Returns: [count] sample indices, each exactly once.
  package func permutation(epoch: UInt64) -> [Int] {
    var source = RandomSource(seed: seed, stream: RandomStream.order(epoch: epoch))
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(last, Int(source.below(UInt32(last + 1))))
    }
    return order
  }

  /// Returns the sample indices at the given positions, which may span epochs (see ``BatchPlan``).
  /// The orders of the last two epochs are cached.
  ///
  /// - Returns: [positions.count] indices in 0..<count.
  package mutating func indices(positions: Range<UInt64>) -> [Int] {
    var indices: [Int] = []
    indices.reserveCapacity(positions.count)
    let count = UInt64(count)
    var position = positions.lowerBound
    while position < positions.upperBound {
      let epoch = position / count
      let length = min(count - position % count, positions.upperBound - position)
      let place = Int(position % count)
      indices += order(epoch: epoch)[place..<place + Int(length)]
      position += length
    }
    return indices
  }

  private mutating func order(epoch: UInt64) -> [Int] {
    if let known = cache.first(where: { $0.epoch == epoch }) { return known.order }
    let order = permutation(epoch: epoch)
    cache = cache.suffix(1) + [(epoch, order)]
    return order
  }
}
