import Coordination
import Learning
import Numerics

/// Training in a plain loop over the batches, without leases, messages or faults.
struct UndisturbedRun {
  /// Digest of the optimizer's state after each update, preceded by that of the initial state.
  let digests: [UInt64]

  /// Creates the undisturbed synchronous training of a scenario.
  init(_ scenario: Scenario) {
    let (settings, model) = (scenario.settings, scenario.model)
    var optimizer = scenario.initialState.optimizer
    var digests = [optimizer.stateDigest]
    for batch in 0..<model.plan.steps {
      let slices = model.plan.sliceCount(batch: batch)
      let weights = optimizer.weightsDigest
      let parts = (0..<slices).map { model.gradient(batch: batch, slice: $0, weights) }
      _ = optimizer.apply(
        contribution: Self.sum(parts[...]),
        learningRate: settings.recipe.learningRate(step: batch, of: model.plan.steps),
        clip: settings.recipe.clip)
      digests.append(optimizer.stateDigest)
    }
    self.digests = digests
  }

  /// Returns the sum of the sums of both halves; the left half has the extra element if the count
  /// is odd.
  private static func sum(_ parts: ArraySlice<[Float]>) -> [Float] {
    guard parts.count > 1 else { return parts.first ?? [] }
    let middle = parts.startIndex + (parts.count + 1) / 2
    return zip(sum(parts[..<middle]), sum(parts[middle...])).map(+)
  }
}

extension Scenario {
  /// The simulated model of this scenario.
  var model: SimulatedModel {
    SimulatedModel(settings, shape: shape, dataset: dataset, transfers: policy.transfers)
  }

  /// The initial state of the server.
  var initialState: ServerState {
    let weights = settings.recipe.initialWeights(shape: shape, seed: settings.seed)
    return ServerState(
      settings: settings, dataset: dataset.fingerprint,
      optimizer: Optimizer(shape: shape, weights: weights))
  }
}
