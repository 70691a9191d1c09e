import Learning
import Numerics
import Storage
import Testing

/// Compares initial weights with quantiles computed from millions of TensorFlow's.
@Suite struct InitializerTests {
  /// Returns the quantiles of one tensor over four seeds, at 101 equally spaced probabilities.
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
  func kernelDistributionMatchesTensorFlow(initializer: Initializer, name: String) throws {
    var recipe = Recipe.v1
    recipe.kernelInitializer = initializer
    let expected = try #require(OracleFolder.small.file("initializers")["\(name)/lstm"]).values
    let ours = Self.quantiles(recipe, TensorName.lstmKernel)
    // With 320,000 draws, the standard error of a quantile is below 0.002 of the greatest
    // magnitude.
    #expect(deviation(ours, expected) < 0.006)
  }

  @Test(arguments: [
    (Initializer.varianceScaling, "variance-scaling", true),
    (.glorotUniform, "glorot-uniform", true),
    (.normal, "normal", false),
  ])
  func denseKernelDistributionMatchesTensorFlow(
    initializer: Initializer, name: String, bounded: Bool
  ) throws {
    var recipe = Recipe.v1
    recipe.denseInitializer = initializer
    let expected = try #require(OracleFolder.small.file("initializers")["\(name)/dense"]).values
    let ours = Self.quantiles(recipe, TensorName.denseKernel)
    // 5,120 draws; the extremes of an unbounded distribution are not compared.
    let inner = bounded ? 0...100 : 1...99
    #expect(deviation(ours[inner], expected[inner]) < 0.05)
  }
}
