import Learning
import Numerics
import Storage
import Testing

/// Our draws against the quantiles of millions of TensorFlow's.
@Suite struct InitializerTests {
  /// The distribution of one tensor over four seeds, at 101 equal steps of probability.
  private static func quantiles(_ recipe: Recipe, _ tensor: String) -> [Float] {
    let shape = ModelShape(recipe: recipe, height: 28, width: 28, classes: 10)
    let values = (1...4).flatMap { (seed: UInt64) in
      recipe.initialWeights(shape: shape, seed: seed)[shape.layout.range(of: tensor)]
    }.sorted()
    return (0...100).map { values[(values.count - 1) * $0 / 100] }
  }

  @Test(arguments: [
    (Initializer.varianceScaling, "variance-scaling"), (.glorotUniform, "glorot-uniform"),
  ])
  func kernelBeginsAsInTensorFlow(initializer: Initializer, name: String) throws {
    var recipe = Recipe.v1
    recipe.kernelInitializer = initializer
    let expected = try #require(OracleFolder.small.file("initializers")["\(name)/lstm"]).values
    let ours = Self.quantiles(recipe, TensorName.lstmKernel)
    // 320,000 draws: a quantile's own deviation is below 0.002 of the greatest magnitude.
    #expect(deviation(ours, expected) < 0.006)
  }

  @Test(arguments: [
    (Initializer.varianceScaling, "variance-scaling", true),
    (.glorotUniform, "glorot-uniform", true),
    (.normal, "normal", false),
  ])
  func denseKernelBeginsAsInTensorFlow(
    initializer: Initializer, name: String, bounded: Bool
  ) throws {
    var recipe = Recipe.v1
    recipe.denseInitializer = initializer
    let expected = try #require(OracleFolder.small.file("initializers")["\(name)/dense"]).values
    let ours = Self.quantiles(recipe, TensorName.denseKernel)
    // 5,120 draws; the extremes of a distribution without bounds are left out.
    let inner = bounded ? 0...100 : 1...99
    #expect(deviation(ours[inner], expected[inner]) < 0.05)
  }
}
