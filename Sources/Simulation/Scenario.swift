package import Coordination
import Learning

/// All properties of a schedule that its seed determines in advance: training, workers, network and
/// faults.
package struct Scenario: Sendable {
  /// The seed of the scenario.
  package let seed: UInt64
  /// The settings of the training.
  package internal(set) var settings: TrainingSettings
  let dataset: DatasetDescription
  let shape: ModelShape
  var policy: Policy
  /// The number of workers, which a supervisor restarts.
  var workers: Int
  /// The normal time per lease of each worker.
  var leaseTimes: [Microseconds]
  var conditions: NetworkConditions
  var faults: [(time: Microseconds, fault: Fault)]
  /// The time after which no faults occur.
  var faultsEnd: Microseconds
  /// Whether messages and checkpoints are encoded and decoded.
  var usesBytes: Bool

  /// Creates the scenario of a seed.
  ///
  /// - Parameter mode: The mode to train in; nil to draw it from the seed, mostly `sync`.
  package init(seed: UInt64, mode: Mode? = nil) {
    self.seed = seed
    var random = SplitMix64(seed: seed, stream: 1)
    let drawnMode = random.pick([Mode.sync, .sync, .sync, .sync, .sync, .async, .async, .bounded])
    (settings, dataset) = Self.drawnTraining(mode ?? drawnMode, &random)
    shape = ModelShape(recipe: settings.recipe, height: 1, width: 1, classes: 2)
    workers = random.within(2...5)
    policy = Self.drawnPolicy(workers: workers, &random)
    let usual = random.within(.milliseconds(10) ... .milliseconds(150))
    // With slow workers, results of leases from earlier server incarnations arrive late.
    let isServerShaky = random.chance(perMille: 300)
    leaseTimes = (0..<workers).map { worker in
      let isSlow = worker > 0 && random.chance(perMille: isServerShaky ? 500 : 150)
      return (usual + random.below(usual)) * (isSlow ? random.within(4...12) : 1)
    }
    conditions = Self.drawnConditions(&random)
    usesBytes = random.chance(perMille: 250)
    // Faults end within half to three times the duration of an undisturbed run.
    let steps = Int(BatchPlan(recipe: settings.recipe, sampleCount: dataset.training).steps)
    let length = steps * (2 * usual + conditions.delay.upperBound)
    faultsEnd = random.within(length / 2...3 * length)
    let (count, end, workers) = (random.below(14), faultsEnd, workers)
    faults = (0..<count).map { _ in
      (random.below(end), Fault.drawn(workers: workers, &random))
    }
    let kills = isServerShaky ? random.within(2...6) : 0
    faults += (0..<kills).map { _ in (random.below(end), Fault.drawnServerDeath(&random)) }
  }

  /// Returns the same training without faults.
  package func undisturbed(workers count: Int) -> Scenario {
    var scenario = self
    scenario.workers = count
    scenario.policy = Policy(timing: policy.timing, maximumWorkers: count)
    scenario.leaseTimes = (0..<count).map { .milliseconds(20 + $0) }
    scenario.conditions = NetworkConditions()
    scenario.faults = []
    scenario.faultsEnd = 0
    return scenario
  }

  /// Intervals and timeouts, shorter than the defaults so that a schedule has fewer events.
  static let timing = Timing(
    heartbeat: .seconds(1), silence: .seconds(3), connect: .seconds(12), farewell: .seconds(2),
    stall: .seconds(6), patience: .seconds(12))

  private static func drawnTraining(
    _ mode: Mode, _ random: inout SplitMix64
  ) -> (TrainingSettings, DatasetDescription) {
    var recipe = Recipe.tutorial
    recipe.units = 1
    recipe.normalization = random.pick([.none, .batch])
    recipe.batchSize = random.within(5...12)
    recipe.slices = random.within(2...5)
    recipe.length = .steps(UInt64(random.within(4...12)))
    recipe.learningRate = 0.01
    recipe.clip = random.pick([.none, .norm(1)])
    recipe.evaluateEvery = UInt64(random.below(4))
    var settings = TrainingSettings(recipe: recipe, mode: mode, seed: UInt64(random.below(1000)))
    let staleness = random.below(8)
    settings.stalenessBound = UInt64(random.below(3))
    if mode != .sync, staleness < 4 { settings.maximumStaleness = UInt64(staleness) }
    // Evaluations are split into runs of 500 samples, the last of which may be shorter.
    let dataset = DatasetDescription(
      fingerprint: "simulated", training: random.within(11...60),
      validation: random.pick([0, 300, 1300, 2000]), test: random.pick([0, 700]))
    return (settings, dataset)
  }

  private static func drawnPolicy(workers: Int, _ random: inout SplitMix64) -> Policy {
    Policy(
      timing: timing, minimumWorkers: random.pick([1, 1, 1, 2]),
      maximumWorkers: workers + random.below(3),
      checkpoints: random.pick([
        .steps(1), .steps(1), .steps(3), .time(.milliseconds(300)), .never,
      ]))
  }

  private static func drawnConditions(_ random: inout SplitMix64) -> NetworkConditions {
    let slowest = random.pick([Microseconds.milliseconds(1), .milliseconds(10), .milliseconds(100)])
    return NetworkConditions(
      delay: 100...slowest, loss: random.pick([0, 0, 0, 10, 50]),
      duplication: random.pick([0, 0, 10, 50]), reordering: random.pick([0, 0, 0, 10, 50]),
      damage: random.pick([0, 0, 0, 5]))
  }
}
