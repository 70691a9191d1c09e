import Coordination
import Learning
import Numerics
import Storage
import Wire

extension FuzzTarget {
  /// A model file with lies in its metadata, shapes and elements, and a valid checksum: one that is
  /// read has as many weights as its shape requires, and is written as a file with the same model.
  static let model = FuzzTarget("model", "model files") { bytes throws(Finding) in
    var source = ByteSource(bytes)
    var parts = SafetensorsParts(file(of: TinyRun(&source)))
    guard let valid = try? ModelFile(parts.file, path: "file") else {
      throw Finding("a valid model is rejected")
    }
    try require(valid.weights == Array(0..<20).map(Float.init), "the weights of a valid model")
    for _ in 0...source.below(3) { parts.lie(&source) }
    guard let model = try? ModelFile(parts.file, path: "file") else { return }
    try require(
      model.weights.count == model.shape.layout.count, "the weights do not fit the model")
    guard let first = try? model.serialized(),
      let again = try? ModelFile(first, path: "file"), (try? again.serialized()) == first
    else { throw Finding("a model that was read cannot be written and read again") }
  }

  /// Returns a model file with the weights 0, 1, 2 and so on.
  private static func file(of run: TinyRun) -> Safetensors {
    let texts = run.settings.pairs.map { ($0.key, $0.value) }
    var metadata = Dictionary(uniqueKeysWithValues: texts)
    metadata.merge([
      "format": "tributary-1", "image-height": "\(TinyRun.side)",
      "image-width": "\(TinyRun.side)", "classes": "\(TinyRun.classes)", "dataset": "tiny",
      "step": "5", "checksum": "00000000",
    ]) { $1 }
    let tensors = run.shape.layout.entries.map { entry in
      let range = run.shape.layout.range(of: entry.name)
      return Safetensors.Tensor(name: entry.name, shape: entry.shape, values: range.map(Float.init))
    }
    return Safetensors(tensors: tensors, metadata: metadata)
  }
}
