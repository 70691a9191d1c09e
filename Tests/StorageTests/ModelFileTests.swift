import Coordination
import Learning
import Numerics
import Storage
import Testing

@Suite struct ModelFileTests {
  private let folder: TemporaryFolder
  private let dataset: Dataset

  init() throws {
    folder = try TemporaryFolder()
    dataset = try IDXFolder().load(from: folder)
  }

  private func model(layers: Int, normalization: Normalization = .none) -> ModelFile {
    var recipe = Recipe.v2
    (recipe.units, recipe.layers, recipe.normalization) = (3, layers, normalization)
    let shape = ModelShape(
      recipe: recipe, height: dataset.height, width: dataset.width, classes: dataset.classes)
    return ModelFile(
      settings: TrainingSettings(recipe: recipe, mode: .async, seed: 4), shape: shape,
      dataset: dataset, weights: awkwardFloats(shape.layout.count, seed: 5), step: 77)
  }

  @Test(arguments: [1, 2, 3], Normalization.allCases)
  func readsBackToTheBit(layers: Int, normalization: Normalization) throws {
    let model = model(layers: layers, normalization: normalization)
    try model.write(to: folder.file("model"))
    let read = try ModelFile(path: folder.file("model"))
    #expect(bits(read.weights) == bits(model.weights))
    #expect(read.shape == model.shape)
    #expect(read.settings == model.settings && read.settings.recipe.layers == layers)
    #expect((read.height, read.width, read.step) == (2, 3, 77))
    #expect(read.dataset == dataset.fingerprint)
  }

  @Test func everyLayerHasTensorsOfItsOwn() throws {
    try model(layers: 3).write(to: folder.file("model"))
    let file = try Safetensors.read(path: folder.file("model"))
    #expect(
      file.tensors.map { "\($0.name) \($0.shape)" } == [
        "lstm/kernel [6, 12]", "lstm/bias [12]", "lstm_2/kernel [6, 12]", "lstm_2/bias [12]",
        "lstm_3/kernel [6, 12]", "lstm_3/bias [12]", "dense/kernel [3, 3]", "dense/bias [3]",
      ])
    #expect(file.metadata["layers"] == "3")
  }

  @Test func aLayerThatIsNotThereIsNamed() throws {
    let path = folder.file("model")
    try model(layers: 2).write(to: path)
    let file = try Safetensors.read(path: path)
    let metadata = file.metadata.merging(["layers": "3"]) { $1 }
    try Safetensors(tensors: file.tensors, metadata: metadata).write(to: path)
    #expect(throws: ModelFileError.tensorMissing(path: path, tensor: "lstm_3/kernel")) {
      try ModelFile(path: path)
    }
  }

  /// Models from before there could be more than one.
  @Test func aFileThatDoesNotCountLayersHasOne() throws {
    let path = folder.file("model")
    try model(layers: 1).write(to: path)
    let file = try Safetensors.read(path: path)
    let metadata = file.metadata.filter { $0.key != "layers" }
    #expect(metadata.count == file.metadata.count - 1)
    try Safetensors(tensors: file.tensors, metadata: metadata).write(to: path)
    #expect(try ModelFile(path: path).shape.layers == 1)
  }
}
