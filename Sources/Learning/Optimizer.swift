package import Numerics

/// The Adam optimizer (Kingma & Ba 2015) in TensorFlow's form, with the weights and the state of
/// the optimization.
///
///     alpha = learningRate * sqrt(1 - beta2^t) / (1 - beta1^t)
///     m += (g - m) * (1 - beta1)
///     v += (g * g - v) * (1 - beta2)
///     w -= alpha * m / (sqrt(v) + epsilon)
///
/// This epsilon is the paper's "epsilon hat": it is added to the square root of the uncorrected v.
package struct Optimizer: Sendable {
  /// The decay rate of the first moment.
  package static let beta1: Float = 0.9
  /// The decay rate of the second moment.
  package static let beta2: Float = 0.999
  /// The constant added to the square root of the second moment.
  package static let epsilon: Float = 1e-8

  /// The shape of the trained model.
  package let shape: ModelShape
  /// [shape.layout.count]: the trainable weights, followed by the statistics.
  package private(set) var weights: [Float]
  /// [shape.layout.trainableCount]: Adam's m.
  package private(set) var firstMoment: [Float]
  /// [shape.layout.trainableCount]: Adam's v.
  package private(set) var secondMoment: [Float]
  /// The number of updates so far, Adam's t.
  package private(set) var step: UInt64
  /// The kernels that update the weights.
  package let kernels: Kernels

  /// Creates the optimizer of a new training: no updates yet, all moments 0.
  ///
  /// - Precondition: `weights` has `shape.layout.count` elements.
  package init(shape: ModelShape, weights: [Float], kernels: Kernels = Kernels()) {
    let zeros = [Float](repeating: 0, count: shape.layout.trainableCount)
    self.init(
      shape: shape, weights: weights, firstMoment: zeros, secondMoment: zeros, step: 0,
      kernels: kernels)
  }

  /// Creates an optimizer that continues from a stored state.
  ///
  /// - Precondition: `weights` has `shape.layout.count` elements, each moment
  ///   `shape.layout.trainableCount`.
  package init(
    shape: ModelShape, weights: [Float], firstMoment: [Float], secondMoment: [Float],
    step: UInt64, kernels: Kernels = Kernels()
  ) {
    let layout = shape.layout
    precondition(
      weights.count == layout.count, "\(weights.count) weights for a model of \(layout.count)")
    precondition(
      firstMoment.count == layout.trainableCount && secondMoment.count == layout.trainableCount,
      "the moments do not have \(layout.trainableCount) elements")
    self.shape = shape
    self.weights = weights
    self.firstMoment = firstMoment
    self.secondMoment = secondMoment
    self.step = step
    self.kernels = kernels
  }

  /// Updates the weights with the mean gradient of a batch, and the moving averages with its mean
  /// statistics. A contribution that is not finite has no effect.
  ///
  /// - Parameters:
  ///   - contribution: [shape.layout.count], the sum over all slices of a batch.
  ///   - beta1: the decay rate of the first moment in this update. The correction for bias remains
  ///     that of ``beta1``, so that a greater rate makes the first updates of a training smaller.
  /// - Returns: the gradient's norm before clipping; NaN or infinite if the contribution is not
  ///   finite.
  /// - Precondition: `contribution` has `shape.layout.count` elements.
  package mutating func apply(
    contribution: [Float], beta1: Float = Self.beta1, learningRate: Float, clip: Clip
  ) -> Float {
    let layout = shape.layout
    precondition(
      contribution.count == layout.count,
      "\(contribution.count) values for a model of \(layout.count)")
    // The sum of squares is finite if and only if all trainable elements are.
    let squares = kernels.sumOfSquares(contribution, in: 0..<layout.trainableCount)
    let norm = Float(squares.squareRoot())
    guard norm.isFinite else { return norm }
    // The second moment is a sum of squares: one that overflows would turn weights into NaN.
    guard Float(squares).isFinite else { return .infinity }
    guard kernels.allFinite(contribution, in: layout.trainableCount..<layout.count) else {
      return .nan
    }
    step += 1
    var adam = AdamStep(
      alpha: Float(Double(learningRate) * Self.correction(step: step)),
      beta1: beta1, beta2: Self.beta2, epsilon: Self.epsilon)
    adam.gain = clip.factor(norm: norm)
    if case .value(let bound) = clip { adam.bound = bound }
    kernels.adam(
      &weights, m: &firstMoment, v: &secondMoment, gradient: contribution, step: adam)
    moveAverages(toward: contribution)
    return norm
  }

  /// Returns the weights after `updates` further updates, if the moments stay as they are:
  ///
  ///     w - updates * alpha * m / (sqrt(v) + epsilon)
  ///
  /// with alpha of the next update. Statistics are unchanged. Source: L. Guan et al., "XPipe:
  /// Efficient Pipeline Model Parallelism for Multi-GPU DNN Training" (2019).
  ///
  /// - Returns: [shape.layout.count].
  package func weights(after updates: UInt64, learningRate: Float) -> [Float] {
    let rate = Double(learningRate) * Self.correction(step: step + 1) * Double(updates)
    return kernels.extrapolated(
      weights, m: firstMoment, v: secondMoment, alpha: Float(rate), epsilon: Self.epsilon)
  }

  /// Updates the moving averages of ``Normalization/batch``; other statistics are constant.
  private mutating func moveAverages(toward contribution: [Float]) {
    guard shape.normalization == .batch else { return }
    let statistics = shape.layout.trainableCount..<shape.layout.count
    kernels.moveToward(
      &weights, contribution, rate: Float(1 - BatchNormalization.momentum), in: statistics)
  }

  /// Returns the bias correction of the learning rate at step t,
  /// sqrt(1 - beta2^t) / (1 - beta1^t), computed from the same float32 betas as the moments.
  static func correction(step: UInt64) -> Double {
    (1 - power(Double(beta2), step)).squareRoot() / (1 - power(Double(beta1), step))
  }

  /// Returns base^exponent, computed by repeated squaring so that it is the same on every machine.
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
