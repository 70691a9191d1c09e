import Coordination
import Learning
import Numerics
import Storage
import Wire

/// The states that a run begins with.
extension RunStart {
  /// Returns the state at the beginning of a run: with the weights of the model in its folder, if
  /// there is one, otherwise with random ones.
  static func initialState(
    _ settings: TrainingSettings, in folder: RunFolder, dataset: Dataset, kernels: Kernels
  ) throws -> ServerState {
    let shape = ModelShape(recipe: settings.recipe, dataset: dataset)
    var weights: [Float]?
    do {
      let model = try ModelFile(path: folder.initialModel)
      try check(model, path: folder.initialModel, settings, dataset)
      weights = model.weights
    } catch FileError.notFound {}
    return ServerState(
      settings: settings, dataset: dataset.fingerprint,
      optimizer: Optimizer(
        shape: shape,
        weights: weights ?? settings.recipe.initialWeights(shape: shape, seed: settings.seed),
        kernels: kernels))
  }

  static func check(
    _ model: ModelFile, path: String, _ settings: TrainingSettings, _ dataset: Dataset
  ) throws(RunError) {
    let wanted = ModelShape(recipe: settings.recipe, dataset: dataset)
    guard model.shape != wanted else { return }
    throw .initialModel(
      path: path, own: model.shape.summary, wanted: wanted.summary)
  }

  /// Returns the state of a run that ends later: the same weights, with the schedule of the new
  /// length from now on. If the last batch of the former length was smaller than the others and has
  /// been applied, it is the newest earlier state, and the batch is computed again as a whole.
  static func lengthened(
    _ state: ServerState, to length: TrainingLength?, of run: String,
    in checkpoints: CheckpointFolder, dataset: Dataset, kernels: Kernels
  ) throws -> ServerState {
    let recorded = state.settings.recipe.length
    guard let length, length != recorded else { return state }
    var settings = state.settings
    settings.recipe.length = length
    let former = BatchPlan(recipe: state.settings.recipe, sampleCount: dataset.count(.train))
    let plan = BatchPlan(recipe: settings.recipe, sampleCount: dataset.count(.train))
    guard plan.positionCount >= former.positionCount else {
      throw RunError.shorter(folder: run, length: length, recorded: recorded)
    }
    let last = former.steps - 1
    var found: ServerState? = state
    if former.size(ofBatch: last) < former.batchSize {
      while let next = found, next.applied.contains(last) {
        found = try checkpoints.newest(before: next.optimizer.step, kernels: kernels)?.state
      }
    }
    guard let found else { throw CheckpointError.none(folder: checkpoints.path) }
    return ServerState(
      settings: settings, dataset: found.dataset, optimizer: found.optimizer,
      applied: found.applied, audit: found.audit, isEvaluated: found.isEvaluated,
      quarantine: state.quarantine, contributors: found.contributors)
  }
}

extension ModelShape {
  /// The dimensions, for a message.
  fileprivate var summary: String {
    "\(timeSteps) time steps of \(features) values, \(layers) layers of \(units) units, "
      + "\(classes) classes and normalization \(normalization.rawValue)"
  }
}
