package import Numerics

/// Applies an ``Augmentation`` to training images. The result for a sample is a pure function of
/// (augmentation, seed, position), so it is the same on every worker.
///
/// An augmenter owns scratch memory and must be used by one thread only.
package final class Augmenter {
  private let augmentation: Augmentation
  private let seed: UInt64
  /// An image is read line by line; each time step reads one line of pixels.
  private let lines: Int, width: Int
  private let kernels: Kernels
  private let scratch: FloatBuffer

  /// Creates an augmenter for images whose lines are the time steps of `shape`.
  package init(_ augmentation: Augmentation, shape: ModelShape, seed: UInt64, kernels: Kernels) {
    self.augmentation = augmentation
    self.seed = seed
    self.kernels = kernels
    (lines, width) = (shape.timeSteps, shape.features)
    scratch = FloatBuffer(count: augmentation == .none ? 0 : (lines + 3) * (width + 3))
  }

  /// Returns the samples at the given training positions (see ``BatchPlan``) with the augmentation
  /// applied.
  ///
  /// - Precondition: `minibatch` has one row for each position.
  package func augment(_ minibatch: Minibatch, positions: Range<UInt64>) -> Minibatch {
    guard case .affine(let shift, let warp) = augmentation else { return minibatch }
    precondition(
      minibatch.rows == positions.count,
      "\(minibatch.rows) samples for \(positions.count) positions")
    var pixels = minibatch.pixels
    for (row, position) in positions.enumerated() {
      kernels.warp(
        &pixels, at: row * lines * width, height: lines, width: width,
        through: map(position, shift: shift, warp: warp), scratch: scratch)
    }
    return Minibatch(pixels: pixels, labels: minibatch.labels)
  }

  /// Returns the map for the sample at a position. The order in which its six random numbers are
  /// drawn determines the result.
  func map(_ position: UInt64, shift: Float, warp: Float) -> AffineMap {
    var source = RandomSource(seed: seed, stream: RandomStream.augmentation(position))
    let column = SIMD2(1, 0) + SIMD2(source.signed(), source.signed()) * warp
    let row = SIMD2(0, 1) + SIMD2(source.signed(), source.signed()) * warp
    let offset = SIMD2(source.signed(), source.signed()) * shift
    return AffineMap(column: column, row: row, shift: offset, height: lines, width: width)
  }
}

extension RandomSource {
  /// Returns a uniform number in [-1, 1).
  fileprivate mutating func signed() -> Float { 2 * uniform() - 1 }
}
