package import Numerics

/// Changes training images as an ``Augmentation`` says. What becomes of a sample is a pure function
/// of (augmentation, seed, position), so that it is the same on whichever worker it is computed.
///
/// It owns scratch memory and belongs to one thread.
package final class Augmenter {
  private let augmentation: Augmentation
  private let seed: UInt64
  /// An image is read line by line: one line of pixels is what one time step sees.
  private let lines: Int, width: Int
  private let kernels: Kernels
  private let scratch: FloatBuffer

  /// Changes images whose lines are the time steps of `shape`.
  package init(_ augmentation: Augmentation, shape: ModelShape, seed: UInt64, kernels: Kernels) {
    self.augmentation = augmentation
    self.seed = seed
    self.kernels = kernels
    (lines, width) = (shape.timeSteps, shape.features)
    scratch = FloatBuffer(count: augmentation == .none ? 0 : (lines + 3) * (width + 3))
  }

  /// The samples at `positions` of the training (see ``BatchPlan``) as they are to be learned.
  ///
  /// - Precondition: `minibatch` holds one row for each position.
  package func augment(_ minibatch: Minibatch, positions: Range<UInt64>) -> Minibatch {
    guard case .affine(let shift, let warp) = augmentation else { return minibatch }
    precondition(minibatch.rows == positions.count, "every sample needs a position")
    var pixels = minibatch.pixels
    for (row, position) in positions.enumerated() {
      kernels.warp(
        &pixels, at: row * lines * width, height: lines, width: width,
        through: map(position, shift: shift, warp: warp), scratch: scratch)
    }
    return Minibatch(pixels: pixels, labels: minibatch.labels)
  }

  /// The map of the sample at a position; its six numbers are drawn in the order written here.
  func map(_ position: UInt64, shift: Float, warp: Float) -> AffineMap {
    var source = RandomSource(seed: seed, stream: RandomStream.augmentation(position))
    let column = SIMD2(1, 0) + SIMD2(source.signed(), source.signed()) * warp
    let row = SIMD2(0, 1) + SIMD2(source.signed(), source.signed()) * warp
    let offset = SIMD2(source.signed(), source.signed()) * shift
    return AffineMap(column: column, row: row, shift: offset, height: lines, width: width)
  }
}

extension RandomSource {
  /// A number in [-1, 1).
  fileprivate mutating func signed() -> Float { 2 * uniform() - 1 }
}
