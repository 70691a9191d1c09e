import Foundation
import Learning
import Numerics
import Storage
import Testing

/// Checks that the fixtures are sensitive to plausible errors: each error, introduced deliberately
/// in the inputs or outputs of a model, exceeds the tolerances by far.
@Suite struct SensitivityTests {
  /// Returns weights with the gates (0...3 for i, j, f, o) in a different order, in kernel and
  /// bias.
  private static func reordered(_ model: OracleModel, _ order: [Int]) throws -> [Float] {
    var weights = try model.weights("start")
    let (original, units) = (weights, model.shape.units)
    for name in [TensorName.lstmKernel, TensorName.lstmBias] {
      for place in model.shape.layout.range(of: name) {
        let column = (place - model.shape.layout.offset(of: name)) % (4 * units)
        weights[place] = original[place + (order[column / units] - column / units) * units]
      }
    }
    return weights
  }

  private static func lossError(_ model: OracleModel, _ weights: [Float]) -> Double {
    let loss = model.train(model.classifier(), weights: weights, step: 0).loss
    return abs(loss / Double(model.losses[0]) - 1)
  }

  @Test(arguments: [[0, 2, 1, 3], [0, 1, 3, 2], [2, 1, 0, 3], [3, 1, 2, 0]])
  func swappedGatesAreDetected(order: [Int]) throws {
    let model = try OracleFolder.small.model("none-none")
    #expect(try Self.lossError(model, Self.reordered(model, [0, 1, 2, 3])) < 1e-6)
    #expect(try Self.lossError(model, Self.reordered(model, order)) > 1e-3)
  }

  /// In a second layer, the rows of x and of h have the same shape.
  @Test func swappedInputsOfALayerAreDetected() throws {
    let model = try OracleFolder.small.model("layers-2")
    let (start, half) = (try model.weights("start"), model.shape.units * 4 * model.shape.units)
    let first = model.shape.layout.offset(of: TensorName.lstmKernel(layer: 2))
    var weights = start
    for place in first..<first + half { weights.swapAt(place, place + half) }
    #expect(Self.lossError(model, start) < 1e-6)
    #expect(Self.lossError(model, weights) > 1e-3)
  }

  @Test func aMissingForgetBiasIsDetected() throws {
    let model = try OracleFolder.small.model("none-none")
    var weights = try model.weights("start")
    let bias = model.shape.layout.offset(of: TensorName.lstmBias)
    for unit in 0..<model.shape.units { weights[bias + 2 * model.shape.units + unit] -= 1 }
    #expect(Self.lossError(model, weights) > 1e-3)
  }

  /// Dividing by n - 1 instead of n changes the moving average of the variance by n / (n - 1).
  @Test func anUnbiasedVarianceIsDetected() throws {
    let model = try OracleFolder.small.model("batch-none")
    let name = TensorName.movingVariance
    let change = zip(try model.values("after1/\(name)"), try model.values("start/\(name)"))
      .map { ($0 - $1) * 100 + $1 }
    let batch = model.train(model.classifier(), weights: try model.weights("start"), step: 0)
    let ours = batch.contribution[model.shape.layout.range(of: name)]
    let size = Float(model.about.batchSize)
    #expect(deviation(ours, change) < 1e-3)
    #expect(deviation(ours.map { $0 * size / (size - 1) }, change) > 0.1)
  }

  /// The first step of Adam is alpha * g (1 - beta1) / (sqrt(g² (1 - beta2)) + epsilon).
  @Test func aMisplacedEpsilonIsDetected() throws {
    let file = try OracleFolder.small.file("adam")
    let first = try #require(file["none/after1"]).values.map(Double.init)
    let gradients = try #require(file["gradients"]).values.prefix(first.count).map(Double.init)
    func error(_ denominator: (Double) -> Double) -> Double {
      zip(gradients, first).map { gradient, expected in
        let alpha = 0.001 * 0.001.squareRoot() / 0.1
        return abs(
          -alpha * gradient * 0.1 / denominator(gradient * gradient * 0.001) / expected - 1)
      }.max() ?? 0
    }
    #expect(error { $0.squareRoot() + 1e-8 } < 1e-4)
    #expect(error { ($0 + 1e-8).squareRoot() } > 0.1, "epsilon inside the square root")
    #expect(
      error { $0.squareRoot() + 1e-8 * 0.001.squareRoot() } > 0.1,
      "epsilon added to the corrected square root")
  }

  @Test(arguments: 1...6)
  func theGradientDoesNotDependOnTheNumberOfSlices(slices: Int) throws {
    let model = try OracleFolder.small.model("none-none")
    let (gradient, _) = model.train(
      model.classifier(), weights: try model.weights("start"), step: 0, slices: slices)
    let kernel = model.shape.layout.range(of: TensorName.denseKernel)
    #expect(deviation(gradient[kernel], try model.values("gradient/dense/kernel")) < 1e-5)
  }
}
