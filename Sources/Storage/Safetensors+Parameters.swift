import Numerics

extension Safetensors {
  /// Returns the tensors of `entries`, named with `suffix`, as one flat vector.
  func vector(
    of entries: [ParameterLayout.Entry], suffix: String = "", path: String
  ) throws(ContentError) -> [Float] {
    var vector: [Float] = []
    for entry in entries {
      let name = entry.name + suffix
      guard let tensor = self[name] else { throw .tensorMissing(path: path, tensor: name) }
      guard tensor.shape == entry.shape else {
        throw .tensorShape(path: path, tensor: name, shape: tensor.shape, expected: entry.shape)
      }
      vector += tensor.values
    }
    return vector
  }
}

extension ParameterLayout {
  /// Returns the parts of a flat vector as tensors, named with `suffix`.
  func tensors(of vector: [Float], suffix: String = "") -> [Safetensors.Tensor] {
    entries.map { entry in
      Safetensors.Tensor(
        name: entry.name + suffix, shape: entry.shape, values: Array(vector[range(of: entry.name)]))
    }
  }
}
