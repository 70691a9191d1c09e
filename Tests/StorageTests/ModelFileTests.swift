import Coordination
import Foundation
import Learning
import Numerics
import TestSupport
import Testing

@testable import Storage

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

  @Test func everyLayerHasItsOwnTensors() throws {
    try model(layers: 3).write(to: folder.file("model"))
    let file = try Safetensors.read(path: folder.file("model"))
    #expect(
      file.tensors.map { "\($0.name) \($0.shape)" } == [
        "lstm/kernel [6, 12]", "lstm/bias [12]", "lstm_2/kernel [6, 12]", "lstm_2/bias [12]",
        "lstm_3/kernel [6, 12]", "lstm_3/bias [12]", "dense/kernel [3, 3]", "dense/bias [3]",
      ])
    #expect(file.metadata["layers"] == "3")
  }

  /// Writes a file with the tensors of `model`, and its metadata after a change.
  private func write(
    _ model: ModelFile, sealed: Bool = true, change: (inout [String: String]) -> Void
  ) throws -> String {
    var file = try Safetensors(model.serialized(), path: "f")
    change(&file.metadata)
    if !sealed { file.metadata["checksum"] = nil }
    return try folder.write(
      sealed ? Seal.sealed(file, path: "f") : file.serialized(), "model")
  }

  @Test func aMissingLayerIsNamed() throws {
    let path = try write(model(layers: 2)) { $0["layers"] = "3" }
    #expect(throws: ContentError.tensorMissing(path: path, tensor: "lstm_3/kernel")) {
      try ModelFile(path: path)
    }
  }

  /// Models of versions that had only one layer.
  @Test(arguments: [false, true])
  func aFileWithoutANumberOfLayersHasOne(sealed: Bool) throws {
    let path = try write(model(layers: 1), sealed: sealed) { $0["layers"] = nil }
    #expect(try ModelFile(path: path).shape.layers == 1)
  }

  /// Models of versions that did not write a checksum.
  @Test func aFileWithoutAChecksumIsRead() throws {
    let model = model(layers: 2)
    let path = try write(model, sealed: false) { _ in }
    #expect(try bits(ModelFile(path: path).weights) == bits(model.weights))
  }

  @Test func theChecksumChangesNothingBehindTheHeader() throws {
    let file = try Safetensors(model(layers: 2).serialized(), path: "f")
    var plain = file
    plain.metadata["checksum"] = nil
    func data(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
      bytes[(8 + Int(bytes[0]) + Int(bytes[1]) << 8)...]
    }
    #expect(try data(model(layers: 2).serialized()) == data(plain.serialized()))
  }

  // MARK: Damage

  @Test func eachOf100FlippedBitsIsDetected() throws {
    var bytes = try model(layers: 2).serialized()
    var random = RandomSource(seed: 6, stream: 0)
    for _ in 0..<100 {
      let place = Int(random.below(UInt32(bytes.count)))
      let bit = UInt8(random.below(8))
      bytes[place] ^= 1 << bit
      #expect(throws: (any Error).self, "bit \(bit) of byte \(place)") {
        try ModelFile(bytes, path: "f")
      }
      bytes[place] ^= 1 << bit
    }
    _ = try ModelFile(bytes, path: "f")
  }

  /// Includes the bits of the checksum's name, without which the file looks unsealed.
  @Test func everyFlippedBitOfTheHeaderIsDetected() throws {
    var bytes = try model(layers: 1).serialized()
    for place in 0..<8 + Int(bytes[0]) + Int(bytes[1]) << 8 {
      for bit in 0..<8 {
        bytes[place] ^= 1 << bit
        if (try? ModelFile(bytes, path: "f")) != nil { Issue.record("bit \(bit) of byte \(place)") }
        bytes[place] ^= 1 << bit
      }
    }
  }

  // MARK: Finding a model

  @Test func findsAModelFileAndACheckpoint() throws {
    try model(layers: 1).write(to: folder.file("model"))
    let (found, path) = try ModelFile.find(folder.file("model")) { Issue.record($0) }
    #expect(found.step == 77 && path == folder.file("model"))
    try Checkpoint.sample().write(to: folder.file("checkpoint"))
    let (state, file) = try ModelFile.find(folder.file("checkpoint")) { Issue.record($0) }
    let optimizer = ServerState.sample().optimizer
    #expect(bits(state.weights) == bits(optimizer.weights) && state.shape == optimizer.shape)
    #expect((state.height, state.width, state.step) == (4, 4, 9))
    #expect(state.settings == ServerState.sample().settings)
    #expect(state.dataset == ServerState.sample().dataset && file == folder.file("checkpoint"))
  }

  @Test func findsTheModelOfARunOrItsNewestValidCheckpoint() throws {
    let run = try TemporaryFolder()
    let checkpoints = try CheckpointFolder(run.file("checkpoints"))
    for step in [4, 5] as [UInt64] { try checkpoints.write(.at(step: step)) }
    try run.write([1, 2, 3], "checkpoints/step-6.safetensors")
    try run.write([1], "checkpoints/.step-7.safetensors.1.tmp")
    var warnings: [String] = []
    let (state, path) = try ModelFile.find(run.path) { warnings.append("\($0)") }
    #expect(state.step == 5 && path == run.file("checkpoints/step-5.safetensors"))
    #expect(warnings.count == 1 && warnings[0].contains("step-6"), "\(warnings)")
    #expect(
      try run.read("checkpoints/.step-7.safetensors.1.tmp") == Data([1]), "a run may be active")
    try model(layers: 1).write(to: run.file("model.safetensors"))
    let (found, file) = try ModelFile.find(run.path) { Issue.record($0) }
    #expect(found.step == 77 && file == run.file("model.safetensors"))
  }

  @Test func aFolderWithoutAModelIsNamed() throws {
    #expect(throws: FileError.noModel(folder: folder.path)) {
      try ModelFile.find(folder.path) { Issue.record($0) }
    }
    try FileManager.default.createDirectory(
      atPath: folder.file("checkpoints"), withIntermediateDirectories: false)
    try folder.write([1], "checkpoints/step-1.safetensors")
    #expect(throws: CheckpointError.none(folder: folder.file("checkpoints"))) {
      try ModelFile.find(folder.path) { _ in }
    }
  }
}
