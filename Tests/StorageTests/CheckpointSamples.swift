import Coordination
import Learning
import Numerics
import Storage

/// Returns numbers from tiny denormals to large ones, and both zeros.
func awkwardFloats(_ count: Int, seed: UInt32) -> [Float] {
  let special: [UInt32] = [0, 0x8000_0000, 1, 0x8000_0001, 0x007F_FFFF, 0x0080_0000, 0x7F7F_FFFF]
  return (0..<count).map { index in
    guard index >= special.count else { return Float(bitPattern: special[index]) }
    let hash = (UInt32(index) &+ seed) &* 0x9E37_79B9
    return Float(bitPattern: (hash ^ hash >> 15) & 0xBF7F_FFFF)
  }
}

extension ServerState {
  /// Returns the state of an asynchronous run over 37 samples in batches of 10, with a model of 3
  /// units, in which 9 batches are applied: the first 7 and two later ones.
  static func sample(
    _ mode: Mode = .async, units: Int = 3, normalization: Normalization = .none, side: Int = 4
  ) -> ServerState {
    var recipe = Recipe.tutorial
    (recipe.units, recipe.batchSize, recipe.slices) = (units, 10, 4)
    (recipe.length, recipe.normalization) = (.epochs(5), normalization)
    var settings = TrainingSettings(recipe: recipe, mode: mode, seed: 7)
    settings.stalenessBound = mode == .bounded ? 3 : 1
    settings.maximumStaleness = mode == .sync ? nil : 5
    let shape = ModelShape(recipe: recipe, height: side, width: side, classes: 3)
    let applied =
      mode == .sync
      ? AppliedBatches(prefix: 9, beyond: []) : AppliedBatches(prefix: 7, beyond: [9, 10])
    return ServerState(
      settings: settings, dataset: "tiny \"4x4\" in 3 classes",
      optimizer: Optimizer(
        shape: shape, weights: awkwardFloats(shape.layout.count, seed: 1),
        firstMoment: awkwardFloats(shape.layout.trainableCount, seed: 2),
        secondMoment: awkwardFloats(shape.layout.trainableCount, seed: 3), step: applied.count),
      applied: applied, audit: .sample(applied, BatchPlan(recipe: recipe, sampleCount: 37)),
      isEvaluated: false)
  }

  /// Returns the state with one property changed.
  func with(
    applied: AppliedBatches? = nil, audit: Audit? = nil, mode: Mode? = nil,
    isEvaluated: Bool? = nil, quarantine: [WorkerIncarnation]? = nil,
    contributors: Contributors? = nil
  ) -> ServerState {
    var settings = settings
    settings.mode = mode ?? settings.mode
    return ServerState(
      settings: settings, dataset: dataset, optimizer: optimizer,
      applied: applied ?? self.applied, audit: audit ?? self.audit,
      isEvaluated: isEvaluated ?? self.isEvaluated, quarantine: quarantine ?? self.quarantine,
      contributors: contributors ?? self.contributors)
  }
}

extension Audit {
  /// Returns the counters of these batches, with rejected results among them.
  static func sample(_ applied: AppliedBatches, _ plan: BatchPlan) -> Audit {
    var audit = Audit()
    for batch in Array(0..<applied.prefix) + applied.beyond {
      audit.record(positions: plan.positions(batch: batch), epochSize: UInt64(plan.sampleCount))
    }
    (audit.duplicatesRefused, audit.staleRefused) = (1, 2)
    (audit.resultsRejected, audit.leasesReissued) = (3, 4)
    return audit
  }
}

extension Checkpoint {
  /// Returns a checkpoint of ``ServerState/sample(_:units:normalization:side:)``.
  static func sample(
    _ mode: Mode = .async, units: Int = 3, normalization: Normalization = .none, side: Int = 4
  ) -> Checkpoint {
    Checkpoint(
      .sample(mode, units: units, normalization: normalization, side: side), height: side,
      width: side, training: 37)
  }

  /// Returns the initial state of a run with the number of updates set to `step`.
  static func at(step: UInt64) -> Checkpoint {
    let state = ServerState.sample(.sync)
    let (old, applied) = (state.optimizer, AppliedBatches(prefix: step, beyond: []))
    let plan = BatchPlan(recipe: state.settings.recipe, sampleCount: 37)
    let optimizer = Optimizer(
      shape: old.shape, weights: old.weights, firstMoment: old.firstMoment,
      secondMoment: old.secondMoment, step: step)
    return Checkpoint(
      ServerState(
        settings: state.settings, dataset: state.dataset, optimizer: optimizer, applied: applied,
        audit: .sample(applied, plan), isEvaluated: true), height: 4, width: 4, training: 37)
  }
}

/// Returns the bits of floats, which distinguish the two zeros.
func bits(_ floats: [Float]) -> [UInt32] { floats.map(\.bitPattern) }
