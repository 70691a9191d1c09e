package import Coordination
package import Learning
import Numerics
import Wire

/// A trained model: the weights as tensors with TensorFlow's names and shapes, and the settings of
/// the training.
///
/// The file is a safetensors file. Its metadata contains the settings, the size of the images, the
/// fingerprint of the data, the number of updates, and a checksum of the whole file.
package struct ModelFile: Sendable {
  /// The settings of the training.
  package let settings: TrainingSettings
  /// The shape of the model.
  package let shape: ModelShape
  /// Size of the images, in pixels.
  package let height: Int, width: Int
  /// Fingerprint of the dataset that the model was trained on.
  package let dataset: String
  /// The weights as a flat vector of `shape.layout.count` values.
  package let weights: [Float]
  /// Number of updates in the weights.
  package let step: UInt64

  /// The name of the model in the folder of a run.
  package static let name = "model.safetensors"
  private static let format = "tributary-1"

  /// Creates a model that was trained on `dataset`.
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

  /// Creates a model with the weights in a checkpoint.
  package init(_ checkpoint: Checkpoint) {
    let state = checkpoint.state
    settings = state.settings
    shape = state.optimizer.shape
    (height, width) = (checkpoint.height, checkpoint.width)
    dataset = state.dataset
    weights = state.optimizer.weights
    step = state.optimizer.step
  }

  /// Writes the model to `path` atomically.
  ///
  /// - Throws: a ``StorageError``.
  package func write(to path: String) throws {
    try AtomicFile.write(serialized(path: path), to: path)
  }

  /// Returns the content of the file; `path` is for the error.
  package func serialized(path: String = "") throws(SafetensorsError) -> [UInt8] {
    var metadata = settings.metadata
    for (field, value) in [
      (.format, Self.format), (.height, "\(height)"), (.width, "\(width)"),
      (.classes, "\(shape.classes)"), (.dataset, dataset), (.step, "\(step)"),
    ] as [(MetadataField, String)] { metadata[field.rawValue] = value }
    return try Seal.sealed(
      Safetensors(tensors: shape.layout.tensors(of: weights), metadata: metadata), path: path)
  }

  /// Reads the model at `path`.
  ///
  /// - Throws: a ``StorageError``; ``ContentError`` for a safetensors file that is damaged or not a
  ///   model of this program.
  package init(path: String) throws {
    try self.init(InputFile.read(path: path, limit: Safetensors.limit), path: path)
  }

  /// Reads the content of a file; `path` is for the error. Files of earlier versions have no
  /// checksum.
  package init(_ bytes: [UInt8], path: String) throws {
    try Seal.verifyIfPresent(bytes, path: path)
    try self.init(Safetensors(bytes, path: path), path: path)
  }

  private init(_ file: Safetensors, path: String) throws(ContentError) {
    var fields = MetadataReader(file.metadata, path: path)
    try fields.format(Self.format)
    height = try fields.number(.height, in: 1...65536)
    width = try fields.number(.width, in: 1...65536)
    let classes = try fields.number(.classes, in: 1...256)
    step = UInt64(try fields.number(.step, in: 0...Int.max))
    dataset = fields.optionalText(.dataset) ?? ""
    settings = try fields.settings()
    shape = ModelShape(recipe: settings.recipe, height: height, width: width, classes: classes)
    weights = try file.vector(of: shape.layout.entries, path: path)
  }
}

extension ModelFile {
  /// Reads a model from a model file, a checkpoint, or the folder of a run: its model or, if it has
  /// none, its newest valid checkpoint.
  ///
  /// - Parameter warn: receives the error of each newer checkpoint that is not valid.
  /// - Returns: the model and the path of the file it was read from.
  /// - Throws: a ``StorageError``.
  package static func find(
    _ path: String, warn: (any Error) -> Void
  ) throws -> (model: ModelFile, path: String) {
    guard Folder.exists(path) else { return (try read(path), path) }
    let file = "\(path)/\(name)"
    do {
      return (try ModelFile(path: file), file)
    } catch FileError.notFound {
      let folder = "\(path)/\(CheckpointFolder.name)"
      guard CheckpointFolder.holdsAny(folder) else { throw FileError.noModel(folder: path) }
      let (checkpoint, file) = try CheckpointFolder.latest(in: folder, warn: warn)
      return (ModelFile(checkpoint), file)
    }
  }

  /// Reads a model file or a checkpoint.
  private static func read(_ path: String) throws -> ModelFile {
    let bytes = try InputFile.read(path: path, limit: Checkpoint.limit)
    try Seal.verifyIfPresent(bytes, path: path)
    let file = try Safetensors(bytes, path: path)
    guard file.metadata[MetadataField.format.rawValue] == Checkpoint.format else {
      return try ModelFile(file, path: path)
    }
    return ModelFile(try Checkpoint(bytes, path: path))
  }
}
