package import Coordination
import Foundation
import Learning
package import Numerics
package import Storage

/// Where a run begins. While this value is there, no other server can write into the run's folder.
package struct RunStart {
  /// The folder of the run's files.
  package let folder: RunFolder
  /// What the server begins with.
  package let state: ServerState
  let checkpoints: CheckpointFolder
  /// Whether another server began the run.
  let isResumed: Bool
  private let lock: RunLock

  /// What the run computes.
  package var settings: TrainingSettings { state.settings }

  /// A new run in the folder at `path`, which is made if it is not there.
  ///
  /// - Throws: ``RunError`` if there is a run in the folder; a ``StorageError``.
  package init(
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
    isResumed = false
  }

  /// The run in the folder at `path`, from its last checkpoint that is whole.
  ///
  /// - Parameters:
  ///   - mayBeComplete: whether a run in which nothing is left to be done is taken as well.
  ///   - warn: is told what is wrong with each later checkpoint.
  /// - Throws: ``RunError`` if there is nothing to go on with; a ``StorageError``, also if the run
  ///   began with other data.
  package init(
    resuming path: String, dataset: Dataset, kernels: Kernels = Kernels(),
    mayBeComplete: Bool = false, warn: (any Error) -> Void
  ) throws {
    guard CheckpointFolder.holdsAny(RunFolder.checkpoints(path)) else {
      throw RunError.noRun(folder: path)
    }
    folder = try RunFolder(path)
    lock = try RunLock(folder)
    checkpoints = try CheckpointFolder(folder.checkpoints)
    let (checkpoint, file) = try checkpoints.latest(kernels: kernels, warn: warn)
    try checkpoint.check(dataset, path: file)
    state = checkpoint.state
    isResumed = true
    let isComplete = Self.isComplete(folder, state, sampleCount: checkpoint.training)
    guard mayBeComplete || !isComplete else {
      throw RunError.complete(folder: path, steps: state.optimizer.step)
    }
  }

  /// Whether nothing is left to be done. The report is the last file of a run; a server that was
  /// killed before it leaves to its successor to write model and report.
  private static func isComplete(
    _ folder: RunFolder, _ state: ServerState, sampleCount: Int
  ) -> Bool {
    struct Ended: Decodable { let outcome: String }
    let plan = BatchPlan(recipe: state.settings.recipe, sampleCount: sampleCount)
    guard state.isEvaluated, state.optimizer.step == plan.steps,
      let report = FileManager.default.contents(atPath: folder.report)
    else { return false }
    let ended = try? JSONDecoder().decode(Ended.self, from: report)
    return ended?.outcome == "completed"
  }
}
