import Coordination
import Learning

/// Random parts of a scenario.
extension Scenario {
  /// Intervals and timeouts, shorter than the defaults so that a schedule has fewer events.
  static let timing = Timing(
    heartbeat: .seconds(1), silence: .seconds(3), connect: .seconds(12), farewell: .seconds(2),
    stall: .seconds(6), patience: .seconds(12), lease: .seconds(10))

  static func drawnTraining(
    _ mode: Mode, _ size: ClusterSize, _ link: DrawnLink, _ random: inout SplitMix64
  ) -> (TrainingSettings, DatasetDescription) {
    var recipe = Recipe.tutorial
    recipe.units = link.units
    recipe.normalization = random.pick([.none, .batch])
    recipe.batchSize = random.within(5...12)
    recipe.slices = random.within(2...5)
    recipe.length = .steps(UInt64(random.within(4...12)))
    var training = random.within(11...60)
    if !size.isSmall {
      recipe.slices = random.within(size.workers / 2...min(size.workers + 20, 300))
      recipe.batchSize = recipe.slices + random.below(20)
      training = recipe.batchSize + random.below(2 * recipe.batchSize)
    }
    if !size.isSmall || link.transferTime > .seconds(1) {
      recipe.length = .steps(UInt64(random.within(2...4)))
    }
    recipe.learningRate = 0.01
    recipe.clip = random.pick([.none, .norm(1)])
    recipe.evaluateEvery = UInt64(random.below(4))
    var settings = TrainingSettings(recipe: recipe, mode: mode, seed: UInt64(random.below(1000)))
    let staleness = random.below(8)
    settings.stalenessBound = UInt64(random.below(3))
    if mode != .sync, staleness < 4 { settings.maximumStaleness = UInt64(staleness) }
    // Evaluations are split into runs of 500 samples, the last of which may be shorter.
    let dataset = DatasetDescription(
      fingerprint: "simulated", training: training,
      validation: random.pick([0, 300, 1300, 2000]), test: random.pick([0, 700]))
    return (settings, dataset)
  }

  static func drawnPolicy(workers: Int, _ random: inout SplitMix64) -> Policy {
    Policy(
      timing: timing, startWith: random.pick([1, 1, 2]), minimumWorkers: random.pick([1, 1, 1, 2]),
      maximumWorkers: workers + random.below(3),
      checkpoints: random.pick([
        .steps(1), .steps(1), .steps(3), .time(.milliseconds(300)), .never,
      ]), finalEvaluation: random.pick([.all, .all, .all, .test, .none]))
  }

  /// Draws an audit, and gradients with wrong bits, from a stream of their own, so that the other
  /// properties of a seed do not depend on them.
  mutating func drawAudit() {
    var random = SplitMix64(seed: seed, stream: 5)
    guard settings.mode == .sync, random.chance(perMille: 300) else { return }
    policy.auditShare = random.pick([1, 1, 0.5, 0.2])
    policy.replaysAudit = random.chance(perMille: 700)
    // Two workers with the same wrong bit confirm each other.
    let worker = random.below(workers)
    for _ in 0..<random.below(4) {
      let fault = Fault.flipBits(worker, gradients: random.within(1...8))
      faults.append((random.below(faultsEnd), fault))
    }
  }

  static func drawnConditions(_ random: inout SplitMix64) -> NetworkConditions {
    let slowest = random.pick([Microseconds.milliseconds(1), .milliseconds(10), .milliseconds(100)])
    return NetworkConditions(
      delay: 100...slowest, loss: random.pick([0, 0, 0, 10, 50]),
      duplication: random.pick([0, 0, 10, 50]), reordering: random.pick([0, 0, 0, 10, 50]),
      damage: random.pick([0, 0, 0, 5]))
  }
}
