import Numerics
import Testing

@testable import Learning

@Suite struct BatchNormalizationTests {
  static func layer(_ normalization: Normalization, rows: Int) -> (BatchNormalization, ModelShape) {
    let shape = ModelShape(
      timeSteps: 1, features: 1, units: 2, classes: 2, normalization: normalization)
    var weights = patternWeights(shape)
    weights.replaceSubrange(shape.layout.range(of: TensorName.gamma), with: [2, 1])
    weights.replaceSubrange(shape.layout.range(of: TensorName.beta), with: [0, -1])
    weights.replaceSubrange(shape.layout.range(of: TensorName.movingMean), with: [1, 2])
    weights.replaceSubrange(
      shape.layout.range(of: TensorName.movingVariance), with: [3.999, 0.248])
    let layer = BatchNormalization(shape: shape, maximumRows: rows)
    layer.load(weights: weights)
    return (layer, shape)
  }

  /// The columns (1, 3) and (2, 6) have the means 2 and 4 and the biased variances 1 and 4.
  @Test func statisticsAreComputedFromTheRows() {
    let (layer, _) = Self.layer(.batch, rows: 2)
    let statistics = layer.statistics(of: MatrixView([1, 2, 3, 6], rows: 2, columns: 2))
    #expect(statistics.mean == [2, 4])
    #expect(statistics.variance == [1, 4])
    #expect(statistics.dependOnRows)
  }

  /// Expected values: (5 - 1) / 2 * 2 and (1 - 2) / 0.499 - 1, with sqrt(3.999 + 0.001) = 2 and
  /// sqrt(0.248 + 0.001) = 0.4989990.
  @Test func evaluationUsesTheMovingAverages() {
    let (layer, _) = Self.layer(.batch, rows: 1)
    let result = layer.evaluate(MatrixView([5, 1], rows: 1, columns: 2)).array
    #expect(distance(result, [4, -3.0040121]) < 1e-6)
  }

  /// Expected values: x / sqrt(1.001) * gamma + beta for any stored averages, with 1 / sqrt(1.001)
  /// = 0.9995004.
  @Test func frozenNormalizationIsAConstantScale() {
    let (layer, _) = Self.layer(.frozen, rows: 1)
    let x = MatrixView([5, 1], rows: 1, columns: 2)
    #expect(distance(layer.evaluate(x).array, [9.995004, -0.0004996]) < 1e-6)
    let statistics = layer.statistics(of: x)
    #expect(statistics.mean == [0, 0] && statistics.variance == [1, 1])
    #expect(!statistics.dependOnRows)
  }

  /// The output does not depend on the mean or scale of the rows, so the gradient has no component
  /// in these directions, except for the effect of epsilon.
  @Test func theGradientIsOrthogonalToMeanAndScale() {
    let (layer, shape) = Self.layer(.batch, rows: 4)
    let x = MatrixView([1, 20, 3, 60, 4, 10, 9, -70], rows: 4, columns: 2)
    let gradient = MatrixView([0.5, 1, -1, 2, 0.25, 3, 4, -1], rows: 4, columns: 2)
    let statistics = layer.statistics(of: x)
    layer.forward(x, rows: 0..<4, statistics: statistics)
    var contribution = [Float](repeating: 0, count: shape.layout.count)
    layer.backward(
      gradient, rows: 0..<4, statistics: statistics, into: &contribution)
    for unit in 0..<2 {
      let column = (0..<4).map { Double(gradient[$0, unit]) }
      let input = (0..<4).map { Double(x[$0, unit]) }
      #expect(abs(column.reduce(0, +)) < 1e-6)
      #expect(abs(zip(column, input).reduce(0) { $0 + $1.0 * $1.1 }) < 0.01)
      #expect(column.contains { abs($0) > 0.01 })
    }
    #expect(contribution[shape.layout.range(of: TensorName.beta)] == [3.75, 5])
  }
}
