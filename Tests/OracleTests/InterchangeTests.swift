import Coordination
import Foundation
import Learning
import Numerics
import Storage
import Testing
import Wire

/// Compares evaluations with scripts/oracle/evaluate.py, which reads model files in PyTorch.
@Suite(
  .enabled(
    if: Python.withTorch != nil,
    "run scripts/oracle/setup, or set TRIBUTARY_ORACLE_PYTHON to a Python with PyTorch"))
final class InterchangeTests {
  private static let testCount = 200
  private let folder: String
  private var random = RandomSource(seed: 1998, stream: 0)

  /// Creates a data set of random images of 7 x 5 pixels in four classes.
  init() throws {
    folder = NSTemporaryDirectory() + "tributary-oracle-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (part, count) in [("train", 24), ("t10k", Self.testCount)] {
      let pixels = (0..<count * 35).map { _ in UInt8(random.below(256)) }
      let labels = (0..<count).map { UInt8($0 % 4) }
      try write("\(part)-images-idx3-ubyte", idx([UInt8(count), 7, 5]) + pixels)
      try write("\(part)-labels-idx1-ubyte", idx([UInt8(count)]) + labels)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Returns the header of an IDX file of bytes.
  private func idx(_ dimensions: [UInt8]) -> [UInt8] {
    [0, 0, 8, UInt8(dimensions.count)] + dimensions.flatMap { [0, 0, 0, $0] }
  }

  private func write(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
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
    let dataset = try Dataset.load(.folder(folder))
    let model = model(recipe, dataset)
    try model.write(to: folder + "/model.safetensors")

    let classifier = Classifier(shape: model.shape, maximumRows: 64)
    classifier.load(weights: model.weights)
    let sums = classifier.evaluate(
      dataset.minibatch(.test, indices: Array(0..<Self.testCount), scan: scan))

    let script = OracleFolder.repository + "/scripts/oracle/evaluate.py"
    let python = try #require(Python.withTorch)
    let text = try #require(python.run([script, folder + "/model.safetensors", folder]))
    #expect(text.contains("(\(sums.correct) of \(Self.testCount))"))
    let loss = try #require(text.split(whereSeparator: \.isWhitespace).last.flatMap { Double($0) })
    #expect(abs(loss - sums.meanLoss) < 2e-4)
  }
}
