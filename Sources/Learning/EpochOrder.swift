import Numerics

/// The order in which an epoch visits the training samples: a permutation that is a pure function
/// of (seed, epoch), so that every worker derives it for itself.
///
/// It is a Fisher-Yates shuffle (Durstenfeld 1964) on the epoch's own random stream.
package struct EpochOrder: Sendable {
  /// The number of training samples.
  package let count: Int
  /// The seed of the training.
  package let seed: UInt64
  private var cache: [(epoch: UInt64, order: [Int])] = []

  /// The orders of all epochs over `count` samples.
  ///
  /// - Precondition: `count` is in 1...2^32 - 1.
  package init(count: Int, seed: UInt64) {
    precondition(count > 0 && count <= Int(UInt32.max), "a training set has 1...2^32 - 1 samples")
    self.count = count
    self.seed = seed
  }

  /// The order of one epoch.
  ///
  /// - Returns: [count] every sample index once.
  package func permutation(epoch: UInt64) -> [Int] {
    var source = RandomSource(seed: seed, stream: RandomStream.order(epoch: epoch))
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(last, Int(source.below(UInt32(last + 1))))
    }
    return order
  }

  /// The sample indices at the given positions, which may straddle epochs (see ``BatchPlan``).
  /// Remembers the orders of the two epochs used last.
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
