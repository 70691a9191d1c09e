public import Coordination
import Learning
public import Storage
public import Tensors

/// Where a run begins. While this value is there, no other server can write into the run's folder.
public struct RunStart {
  /// The folder of the run's files.
  public let folder: RunFolder
  /// What the server begins with.
  public let state: ServerState
  let checkpoints: CheckpointFolder
  private let lock: RunLock

  /// What the run computes.
  public var settings: TrainingSettings { state.settings }

  /// A new run in the folder at `path`, which is made if it is not there.
  ///
  /// - Throws: ``RunError`` if there is a run in the folder; a ``StorageError``.
  public init(
    _ settings: TrainingSettings, in path: String, dataset: Dataset, kernels: Kernels = Kernels()
  ) throws {
    folder = try RunFolder(path)
    lock = try RunLock(folder)
    guard !CheckpointFolder.holdsAny(folder.checkpoints) else {
      throw RunError.holdsRun(folder: path)
    }
    let shape = ModelShape(
      recipe: settings.recipe, height: dataset.height, width: dataset.width,
      classes: dataset.classes)
    let weights = settings.recipe.initialWeights(shape: shape, seed: settings.seed)
    state = ServerState(
      settings: settings, dataset: dataset.fingerprint,
      optimizer: Optimizer(shape: shape, weights: weights, kernels: kernels))
    checkpoints = try CheckpointFolder(folder.checkpoints)
  }
}
