package import Numerics

/// Adam (Kingma & Ba 2015) as TensorFlow has it, with the weights and everything that changes
/// with them.
///
///     alpha = learningRate * sqrt(1 - beta2^t) / (1 - beta1^t)
///     m += (g - m) * (1 - beta1)
///     v += (g * g - v) * (1 - beta2)
///     w -= alpha * m / (sqrt(v) + epsilon)
///
/// This epsilon is the paper's "epsilon hat": it is added to the root of the uncorrected v.
package struct Optimizer: Sendable {
  /// The decay of the first moment.
  package static let beta1: Float = 0.9
  /// The decay of the second moment.
  package static let beta2: Float = 0.999
  /// What is added to the root of the second moment.
  package static let epsilon: Float = 1e-8

  /// The model that is trained.
  package let shape: ModelShape
  /// [shape.layout.count] trainable weights, and then the statistics.
  package private(set) var weights: [Float]
  /// [shape.layout.trainableCount] Adam's m.
  package private(set) var firstMoment: [Float]
  /// [shape.layout.trainableCount] Adam's v.
  package private(set) var secondMoment: [Float]
  /// The number of updates so far, Adam's t.
  package private(set) var step: UInt64
  private let kernels: Kernels

  /// The beginning of a training: no update yet, all moments 0.
  ///
  /// - Precondition: `weights` has `shape.layout.count` elements.
  package init(shape: ModelShape, weights: [Float], kernels: Kernels = Kernels()) {
    let zeros = [Float](repeating: 0, count: shape.layout.trainableCount)
    self.init(
      shape: shape, weights: weights, firstMoment: zeros, secondMoment: zeros, step: 0,
      kernels: kernels)
  }

  /// The state that an earlier optimizer had.
  ///
  /// - Precondition: `weights` has `shape.layout.count` elements, each moment
  ///   `shape.layout.trainableCount`.
  package init(
    shape: ModelShape, weights: [Float], firstMoment: [Float], secondMoment: [Float],
    step: UInt64, kernels: Kernels = Kernels()
  ) {
    precondition(weights.count == shape.layout.count, "weights do not fit the model")
    precondition(firstMoment.count == shape.layout.trainableCount, "m does not fit the model")
    precondition(secondMoment.count == shape.layout.trainableCount, "v does not fit the model")
    self.shape = shape
    self.weights = weights
    self.firstMoment = firstMoment
    self.secondMoment = secondMoment
    self.step = step
    self.kernels = kernels
  }

  /// Updates the weights from the mean gradient of a batch, and the moving averages from its mean
  /// statistics. A contribution that is not finite changes nothing.
  ///
  /// - Parameters:
  ///   - contribution: [shape.layout.count] the sum over all slices of a batch.
  ///   - scale: a factor on alpha, below 1 for a gradient of weights that are out of date.
  /// - Returns: the gradient's norm before clipping; NaN or infinite if it was not finite.
  /// - Precondition: `contribution` has `shape.layout.count` elements.
  package mutating func apply(
    contribution: [Float], scale: Float = 1, learningRate: Float, clip: Clip
  ) -> Float {
    let layout = shape.layout
    precondition(contribution.count == layout.count, "the contribution does not fit the model")
    // The squares of finite floats have a finite sum, so the norm tells of every trainable one.
    let squares = kernels.sumOfSquares(contribution, in: 0..<layout.trainableCount)
    let norm = Float(squares.squareRoot())
    guard norm.isFinite else { return norm }
    guard kernels.allFinite(contribution, in: layout.trainableCount..<layout.count) else {
      return .nan
    }
    step += 1
    var adam = AdamStep(
      alpha: Float(Double(learningRate) * Self.correction(step: step)) * scale,
      beta1: Self.beta1, beta2: Self.beta2, epsilon: Self.epsilon)
    adam.gain = clip.factor(norm: norm)
    if case .value(let bound) = clip { adam.bound = bound }
    kernels.adam(
      &weights, m: &firstMoment, v: &secondMoment, gradient: contribution, step: adam)
    moveAverages(toward: contribution)
    return norm
  }

  /// The statistics of ``Normalization/batch`` follow the batch; all others stay as they are.
  private mutating func moveAverages(toward contribution: [Float]) {
    guard shape.normalization == .batch else { return }
    let statistics = shape.layout.trainableCount..<shape.layout.count
    kernels.moveToward(
      &weights, contribution, rate: Float(1 - BatchNormalization.momentum), in: statistics)
  }

  /// What Adam's learning rate is multiplied by at step t: sqrt(1 - beta2^t) / (1 - beta1^t),
  /// from the same float32 betas that the moments decay by.
  static func correction(step: UInt64) -> Double {
    (1 - power(Double(beta2), step)).squareRoot() / (1 - power(Double(beta1), step))
  }

  /// base^exponent by squaring, so that it is the same on every machine.
  private static func power(_ base: Double, _ exponent: UInt64) -> Double {
    var (result, square, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }
}
