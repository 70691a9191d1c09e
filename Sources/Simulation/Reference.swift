import Coordination
import Learning
import Numerics

/// The training as one process would do it, batch after batch, without any of the machinery.
struct Reference {
  /// Digest of the optimizer's state after each update, beginning with none.
  let digests: [UInt64]

  /// The synchronous training of a scenario.
  init(_ scenario: Scenario) {
    let (settings, standIn) = (scenario.settings, scenario.standIn)
    var optimizer = scenario.initialState.optimizer
    var digests = [optimizer.stateDigest]
    for batch in 0..<standIn.plan.steps {
      let slices = standIn.plan.sliceCount(batch: batch)
      let weights = optimizer.weightsDigest
      let parts = (0..<slices).map { standIn.gradient(batch: batch, slice: $0, weights) }
      _ = optimizer.apply(
        contribution: Self.sum(parts[...]),
        learningRate: settings.recipe.learningRate(step: batch, of: standIn.plan.steps),
        clip: settings.recipe.clip)
      digests.append(optimizer.stateDigest)
    }
    self.digests = digests
  }

  /// The sum of the left half, which is not the smaller one, and of the right half.
  private static func sum(_ parts: ArraySlice<[Float]>) -> [Float] {
    guard parts.count > 1 else { return parts.first ?? [] }
    let middle = parts.startIndex + (parts.count + 1) / 2
    return zip(sum(parts[..<middle]), sum(parts[middle...])).map(+)
  }
}

extension Scenario {
  /// The mathematics of this scenario.
  var standIn: StandIn { StandIn(settings, shape: shape, dataset: dataset) }

  /// The state that its server begins with.
  var initialState: ServerState {
    let weights = settings.recipe.initialWeights(shape: shape, seed: settings.seed)
    return ServerState(
      settings: settings, dataset: dataset.fingerprint,
      optimizer: Optimizer(shape: shape, weights: weights))
  }
}
