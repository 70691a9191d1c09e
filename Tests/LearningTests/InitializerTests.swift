import Numerics
import Testing

@testable import Learning

@Suite struct InitializerTests {
  static let shape = ModelShape(recipe: .v1, height: 28, width: 28, classes: 10)

  static func tensor(_ name: String, _ recipe: Recipe, seed: UInt64 = 10) -> ArraySlice<Float> {
    let shape = ModelShape(recipe: recipe, height: 28, width: 28, classes: 10)
    return recipe.initialWeights(shape: shape, seed: seed)[shape.layout.range(of: name)]
  }

  static func moments(_ values: ArraySlice<Float>) -> (mean: Double, deviation: Double) {
    let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
    let squares = values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    return (mean, (squares / Double(values.count)).squareRoot())
  }

  /// The limit is sqrt(6 / (156 + 512)) = 0.0947741; the standard deviation is limit / sqrt(3).
  @Test func glorotUniformCoversItsInterval() throws {
    let kernel = Self.tensor(TensorName.lstmKernel, .v1)
    let limit = 0.0947741
    let (mean, deviation) = Self.moments(kernel)
    #expect(kernel.count == 156 * 512)
    #expect(abs(mean) < 4 * limit / 3.squareRoot() / 79872.0.squareRoot())
    #expect(abs(deviation / (limit / 3.squareRoot()) - 1) < 0.01)
    #expect(try abs(Double(#require(kernel.max())) / limit - 1) < 1e-3)
    #expect(try abs(Double(#require(kernel.min())) / -limit - 1) < 1e-3)
  }

  /// The standard deviation is sqrt(1 / 156) = 0.0800641 after truncation at two sigma, with sigma
  /// = 0.0910206.
  @Test func varianceScalingHasVarianceOneOverFanIn() throws {
    let kernel = Self.tensor(TensorName.lstmKernel, .v2)
    let (mean, deviation) = Self.moments(kernel)
    #expect(abs(mean) < 4 * 0.0800641 / 79872.0.squareRoot())
    #expect(abs(deviation / 0.0800641 - 1) < 0.01)
    let largest = try #require(kernel.map { abs(Double($0)) }.max())
    #expect(largest <= 2 * 0.0910207 && largest > 1.99 * 0.0910206)
  }

  /// Fan in 128: the standard deviation is sqrt(1 / 128) = 0.0883883, sigma = 0.100484.
  @Test func theDenseKernelOfV2IsScaledByItsFanIn() {
    let kernel = Self.tensor(TensorName.denseKernel, .v2)
    #expect(abs(Self.moments(kernel).deviation / 0.0883883 - 1) < 0.06)
    #expect(kernel.allSatisfy { abs($0) <= 2 * 0.100485 })
    #expect(Self.tensor(TensorName.denseBias, .v2).allSatisfy { $0 == 0 })
  }

  /// For 1,280 draws from N(0, 1), the standard error of the mean is 0.028, and that of the
  /// standard deviation 0.020.
  @Test func theDenseLayerOfV1IsStandardNormal() {
    let (mean, deviation) = Self.moments(Self.tensor(TensorName.denseKernel, .v1))
    #expect(abs(mean) < 0.11)
    #expect(abs(deviation - 1) < 0.08)
    #expect(Self.tensor(TensorName.denseKernel, .v1).contains { abs($0) > 2.5 })
    #expect(Set(Self.tensor(TensorName.denseBias, .v1)).count == 10)
  }

  @Test func constantInitialValuesMatchTensorFlow() {
    #expect(Self.tensor(TensorName.lstmBias, .v3).allSatisfy { $0 == 0 })
    #expect(Self.tensor(TensorName.gamma, .v3).allSatisfy { $0 == 1 })
    #expect(Self.tensor(TensorName.beta, .v3).allSatisfy { $0 == 0 })
    #expect(Self.tensor(TensorName.movingMean, .v3).allSatisfy { $0 == 0 })
    #expect(Self.tensor(TensorName.movingVariance, .v3).allSatisfy { $0 == 1 })
  }

  @Test func weightsAreAFunctionOfTheSeed() {
    let weights = [10, 10, 11].map { Recipe.v1.initialWeights(shape: Self.shape, seed: $0) }
    #expect(weights[0] == weights[1])
    #expect(weights[0] != weights[2])
    #expect(weights[0].count == Self.shape.layout.count)
  }

  @Test func recipesShareInitialValuesOfCommonTensors() {
    for name in [TensorName.lstmKernel, TensorName.denseKernel] {
      #expect(Self.tensor(name, .v2).elementsEqual(Self.tensor(name, .v3)))
    }
  }

  @Test func theDenseBiasSupportsOtherInitializers() {
    var recipe = Recipe.v1
    recipe.biasInitializer = .ones
    #expect(Self.tensor(TensorName.denseBias, recipe).allSatisfy { $0 == 1 })
    recipe.biasInitializer = .glorotUniform
    // sqrt(6 / 20) = 0.5477
    #expect(Self.tensor(TensorName.denseBias, recipe).allSatisfy { abs($0) <= 0.5478 })
  }
}
