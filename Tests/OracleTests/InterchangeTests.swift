import Coordination
import Foundation
import Learning
import Numerics
import Storage
import TestSupport
import Testing
import Wire

/// Compares evaluations with scripts/oracle/evaluate.py, which reads model files in PyTorch.
@Suite(
  .enabled(
    if: Python.withTorch != nil,
    "run scripts/oracle/setup, or set TRIBUTARY_ORACLE_PYTHON to a Python with PyTorch"))
final class InterchangeTests {
  private static let testCount = 200
  private let folder: TemporaryFolder
  private var random = RandomSource(seed: 1998, stream: 0)

  /// Creates a data set of random images of 7 x 5 pixels in four classes.
  init() throws {
    folder = try TemporaryFolder()
    for (part, count) in [("train", 24), ("t10k", Self.testCount)] {
      let pixels = (0..<count * 35).map { _ in UInt8(random.below(256)) }
      let labels = (0..<count).map { UInt8($0 % 4) }
      try folder.write(
        Array(idx: 0x803, [UInt32(count), 7, 5], pixels), "\(part)-images-idx3-ubyte")
      try folder.write(
        Array(idx: 0x801, [UInt32(count)], labels), "\(part)-labels-idx1-ubyte")
    }
  }

  /// Returns a model in which all weights are random, also those that are constant initially.
  private func model(_ recipe: Recipe, _ dataset: Dataset) -> ModelFile {
    let shape = ModelShape(
      recipe: recipe, height: dataset.height, width: dataset.width, classes: dataset.classes)
    var weights = (0..<shape.layout.count).map { _ in Float(random.normal()) }
    if recipe.normalization != .none {
      let frozen = recipe.normalization == .frozen
      for place in shape.layout.range(of: TensorName.movingMean) where frozen {
        weights[place] = 0
      }
      for place in shape.layout.range(of: TensorName.movingVariance) {
        weights[place] = frozen ? 1 : abs(weights[place]) + 0.1
      }
    }
    return ModelFile(
      settings: TrainingSettings(recipe: recipe, mode: .sync, seed: 1), shape: shape,
      dataset: dataset, weights: weights, step: 0)
  }

  @Test(arguments: [
    (Scan.rows, Normalization.none, 1), (.rows, .batch, 1), (.rows, .frozen, 1),
    (.columns, .none, 1), (.pixels, .batch, 1), (.rows, .none, 2), (.columns, .batch, 3),
  ])
  func pyTorchPredictsTheSameClasses(scan: Scan, normalization: Normalization, layers: Int) throws {
    var recipe = Recipe.v1
    (recipe.units, recipe.layers) = (12, layers)
    recipe.scan = scan
    recipe.normalization = normalization
    let dataset = try Dataset.load(.folder(folder.path))
    let model = model(recipe, dataset)
    let path = folder.file("model.safetensors")
    try model.write(to: path)

    let classifier = Classifier(shape: model.shape, maximumRows: 64)
    classifier.load(weights: model.weights)
    let sums = classifier.evaluate(
      dataset.minibatch(.test, indices: Array(0..<Self.testCount), scan: scan))

    let script = Repository.path("scripts/oracle/evaluate.py")
    let python = try #require(Python.withTorch)
    let text = try #require(
      Command.python([script, path, folder.path], interpreter: python).output())
    #expect(text.contains("(\(sums.correct) of \(Self.testCount))"))
    let loss = try #require(text.split(whereSeparator: \.isWhitespace).last.flatMap { Double($0) })
    #expect(abs(loss - sums.meanLoss) < 2e-4)
  }
}
