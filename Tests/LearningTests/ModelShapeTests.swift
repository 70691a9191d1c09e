import Numerics
import Testing

@testable import Learning

@Suite struct ModelShapeTests {
  /// TensorFlow counts (28 + 128) * 512 + 512 + 128 * 10 + 10 weights.
  @Test func theTutorialModelHasTheTensorsOfTensorFlow() {
    let shape = ModelShape(recipe: .tutorial, height: 28, width: 28, classes: 10)
    #expect(
      shape.layout.entries.map { "\($0.name) \($0.shape)" } == [
        "lstm/kernel [156, 512]", "lstm/bias [512]", "dense/kernel [128, 10]", "dense/bias [10]",
      ])
    #expect(shape.layout.count == 81_674)
    #expect(shape.layout.trainableCount == 81_674)
    #expect(shape.sampleLength == 784)
  }

  @Test(arguments: [Recipe.v3, .v3AsRun])
  func normalizationAddsFourTensorsWithStatisticsLast(recipe: Recipe) {
    let layout = ModelShape(recipe: recipe, height: 28, width: 28, classes: 10).layout
    #expect(
      layout.entries.map(\.name) == [
        "lstm/kernel", "lstm/bias", "batch_normalization/gamma", "batch_normalization/beta",
        "dense/kernel", "dense/bias", "batch_normalization/moving_mean",
        "batch_normalization/moving_variance",
      ])
    #expect(layout.entries.map(\.trainable) == Array(repeating: true, count: 6) + [false, false])
    #expect(layout.trainableCount == 81_674 + 256)
    #expect(layout.count == 81_674 + 512)
  }

  @Test func tensorsOfAllLayersPrecedeNormalization() {
    var recipe = Recipe.v3
    recipe.layers = 3
    let layout = ModelShape(recipe: recipe, height: 28, width: 28, classes: 10).layout
    #expect(
      layout.entries.prefix(7).map { "\($0.name) \($0.shape)" } == [
        "lstm/kernel [156, 512]", "lstm/bias [512]", "lstm_2/kernel [256, 512]",
        "lstm_2/bias [512]", "lstm_3/kernel [256, 512]", "lstm_3/bias [512]",
        "batch_normalization/gamma [128]",
      ])
    #expect(layout.entries.prefix(10).allSatisfy { $0.trainable })
    #expect(layout.trainableCount == 81_674 + 2 * (256 * 512 + 512) + 256)
  }

  @Test func theScanDeterminesTimeStepsAndFeatures() {
    var recipe = Recipe.v1
    recipe.scan = .pixels
    let shape = ModelShape(recipe: recipe, height: 20, width: 10, classes: 47)
    #expect([shape.timeSteps, shape.features, shape.classes] == [200, 1, 47])
    recipe.scan = .columns
    let columns = ModelShape(recipe: recipe, height: 20, width: 10, classes: 47)
    #expect([columns.timeSteps, columns.features] == [10, 20])
  }
}
