package import Coordination
package import Learning
import Numerics
import Wire

/// A trained model: the weights as named tensors, shaped as in TensorFlow, and how they came about.
///
/// The file is a safetensors file; the metadata has the settings of the training, the size of its
/// images, the fingerprint of its data, and the number of updates.
package struct ModelFile: Sendable {
  /// The settings of the training.
  package let settings: TrainingSettings
  /// The model.
  package let shape: ModelShape
  /// Size of the images, in pixels.
  package let height: Int, width: Int
  /// Fingerprint of the dataset that the model was trained on.
  package let dataset: String
  /// The flat vector of weights, `shape.layout.count` values.
  package let weights: [Float]
  /// Updates that made the weights.
  package let step: UInt64

  /// A model that was trained on `dataset`.
  ///
  /// - Precondition: `weights` has `shape.layout.count` elements.
  package init(
    settings: TrainingSettings, shape: ModelShape, dataset: Dataset, weights: [Float],
    step: UInt64
  ) {
    precondition(weights.count == shape.layout.count, "weights do not fit the model")
    self.settings = settings
    self.shape = shape
    height = dataset.height
    width = dataset.width
    self.dataset = dataset.fingerprint
    self.weights = weights
    self.step = step
  }

  /// Writes the model to `path`, whole or not at all.
  ///
  /// - Throws: a ``StorageError``.
  package func write(to path: String) throws {
    let tensors = shape.layout.entries.map { entry in
      Safetensors.Tensor(
        name: entry.name, shape: entry.shape,
        values: Array(weights[shape.layout.range(of: entry.name)]))
    }
    var metadata = Dictionary(uniqueKeysWithValues: settings.pairs.map { ($0.key, $0.value) })
    metadata["format"] = "tributary-1"
    metadata["image-height"] = String(height)
    metadata["image-width"] = String(width)
    metadata["classes"] = String(shape.classes)
    metadata["dataset"] = dataset
    metadata["step"] = String(step)
    try Safetensors(tensors: tensors, metadata: metadata).write(to: path)
  }

  /// Reads the model at `path`.
  ///
  /// - Throws: a ``StorageError``; ``ModelFileError`` if the file is sound but no model of this
  ///   program.
  package init(path: String) throws {
    let file = try Safetensors.read(path: path)
    var metadata = file.metadata
    guard metadata.removeValue(forKey: "format") == "tributary-1" else {
      throw ModelFileError.metadata(path: path, field: "format")
    }
    height = try Self.number("image-height", &metadata, path)
    width = try Self.number("image-width", &metadata, path)
    let classes = try Self.number("classes", &metadata, path, in: 1...256)
    step = UInt64(try Self.number("step", &metadata, path, in: 0...Int.max))
    dataset = metadata.removeValue(forKey: "dataset") ?? ""
    do {
      settings = try TrainingSettings(metadata.map { Setting(key: $0.key, value: $0.value) })
    } catch {
      throw ModelFileError.settings(path: path, reason: "\(error)")
    }
    shape = ModelShape(recipe: settings.recipe, height: height, width: width, classes: classes)
    var weights: [Float] = []
    for entry in shape.layout.entries {
      guard let tensor = file[entry.name] else {
        throw ModelFileError.tensorMissing(path: path, tensor: entry.name)
      }
      guard tensor.shape == entry.shape else {
        throw ModelFileError.tensorShape(
          path: path, tensor: entry.name, shape: tensor.shape, expected: entry.shape)
      }
      weights += tensor.values
    }
    self.weights = weights
  }

  private static func number(
    _ field: String, _ metadata: inout [String: String], _ path: String,
    in range: ClosedRange<Int> = 1...65536
  ) throws(ModelFileError) -> Int {
    guard let number = metadata.removeValue(forKey: field).flatMap({ Int($0) }),
      range.contains(number)
    else { throw .metadata(path: path, field: field) }
    return number
  }
}

/// Why a safetensors file is no model of this program.
package enum ModelFileError: StorageError, Equatable {
  /// A field of the metadata is missing or malformed.
  case metadata(path: String, field: String)
  /// The settings in the metadata are not whole.
  case settings(path: String, reason: String)
  /// A tensor of the model is not there.
  case tensorMissing(path: String, tensor: String)
  /// A tensor has another shape than the settings say.
  case tensorShape(path: String, tensor: String, shape: [Int], expected: [Int])

  /// The content is at fault.
  package var fault: StorageFault { .badData }

  /// One line: which file, which field, and what to do.
  package var description: String {
    switch self {
    case .metadata(let path, let field):
      "\(path): metadata '\(field)' is missing or malformed; name a model that tributary trained"
    case .settings(let path, let reason):
      "\(path): metadata: \(reason); name a model that tributary trained"
    case .tensorMissing(let path, let tensor):
      "\(path): tensor \(tensor) is missing; name a model that tributary trained"
    case .tensorShape(let path, let tensor, let shape, let expected):
      "\(path): tensor \(tensor) has shape \(shape), its settings say \(expected); train it again"
    }
  }
}
