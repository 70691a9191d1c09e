import Numerics

/// The distribution of the initial values of a weight tensor.
package enum Initializer: String, Sendable, Hashable, CaseIterable {
  /// U(-L, L) with L = sqrt(6 / (fan in + fan out)) (Glorot & Bengio 2010).
  case glorotUniform = "glorot-uniform"
  /// A normal distribution truncated at two sigma and scaled to variance 1 / fan in. This is
  /// TensorFlow's `variance_scaling_initializer()`; He et al. 2015 use twice that variance.
  case varianceScaling = "variance-scaling"
  /// N(0, 1).
  case normal
  /// All 0.
  case zeros
  /// All 1.
  case ones

  /// The standard deviation of N(0, 1) truncated at two sigma.
  private static let truncatedDeviation = 0.879_625_661_034_239_78

  /// Returns values for a tensor, drawn in row-major order.
  ///
  /// - Parameter shape: [fan in, fan out], or [n], for which both fans are n.
  /// - Returns: [product of shape].
  func values(shape: [Int], from source: inout RandomSource) -> [Float] {
    let count = shape.reduce(1, *)
    switch self {
    case .glorotUniform:
      let fans = Double(shape.first ?? 1) + Double(shape.last ?? 1)
      let limit = Float((6 / fans).squareRoot())
      return (0..<count).map { _ in (2 * source.uniform() - 1) * limit }
    case .varianceScaling:
      let fanIn = Double(shape.first ?? 1)
      let sigma = (1 / fanIn).squareRoot() / Self.truncatedDeviation
      return (0..<count).map { _ in Float(source.truncatedNormal() * sigma) }
    case .normal: return (0..<count).map { _ in Float(source.normal()) }
    case .zeros: return Array(repeating: 0, count: count)
    case .ones: return Array(repeating: 1, count: count)
    }
  }
}

extension Recipe {
  /// Returns the initial weights: a pure function of the recipe's initializers, the shape and the
  /// seed. In batch normalization, gamma and the moving variance are 1, beta and the moving mean 0.
  /// The LSTM's biases are 0, because the forget bias of 1 is added at run time.
  ///
  /// - Returns: [shape.layout.count], the flat vector of weights.
  package func initialWeights(shape: ModelShape, seed: UInt64) -> [Float] {
    shape.layout.entries.flatMap { entry in
      let (initializer, stream) = start(of: entry.name, layers: shape.layers)
      var source = RandomSource(seed: seed, stream: RandomStream.weights(stream))
      return initializer.values(shape: entry.shape, from: &source)
    }
  }

  /// Returns the initializer and the random stream of a tensor. Streams depend on the name and not
  /// on the position, so that recipes with tensors in common share their initial values.
  private func start(of tensor: String, layers: Int) -> (Initializer, stream: UInt64) {
    let further = (1...layers).dropFirst()
    if let layer = further.first(where: { TensorName.lstmKernel(layer: $0) == tensor }) {
      return (kernelInitializer, 2 + UInt64(layer))
    }
    return switch tensor {
    case TensorName.lstmKernel: (kernelInitializer, 0)
    case TensorName.denseKernel: (denseInitializer, 1)
    case TensorName.denseBias: (biasInitializer, 2)
    case TensorName.gamma, TensorName.movingVariance: (.ones, 3)
    default: (.zeros, 3)
    }
  }
}
