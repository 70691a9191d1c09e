package import Coordination
import Learning

/// Everything about a schedule that its seed decides beforehand: what is trained, by whom, over
/// what network, and what goes wrong.
package struct Scenario: Sendable {
  /// The seed that all of it is drawn from.
  package let seed: UInt64
  /// What is trained.
  package internal(set) var settings: TrainingSettings
  let dataset: DatasetDescription
  let shape: ModelShape
  var policy: Policy
  /// Workers that a supervisor keeps running.
  var workers: Int
  /// The time a worker takes for a lease when nothing slows it, by worker.
  var leaseTimes: [Microseconds]
  var conditions: NetworkConditions
  var faults: [(time: Microseconds, fault: Fault)]
  /// When everything stops going wrong.
  var calm: Microseconds
  /// Whether every message goes through its bytes.
  var usesBytes: Bool

  /// The scenario of a seed.
  ///
  /// - Parameter mode: the only mode to train in; nil to have it drawn, mostly `sync`.
  package init(seed: UInt64, mode: Mode? = nil) {
    self.seed = seed
    var dice = Dice(seed: seed, stream: 1)
    let drawnMode = dice.pick([Mode.sync, .sync, .sync, .sync, .sync, .async, .async, .bounded])
    (settings, dataset) = Self.drawnTraining(mode ?? drawnMode, &dice)
    shape = ModelShape(recipe: settings.recipe, height: 1, width: 1, classes: 2)
    workers = dice.within(2...5)
    policy = Self.drawnPolicy(workers: workers, &dice)
    let usual = dice.within(.milliseconds(10) ... .milliseconds(150))
    // What an earlier life of the server granted comes late where leases take long.
    let isServerShaky = dice.chance(perMille: 300)
    leaseTimes = (0..<workers).map { worker in
      let isSlow = worker > 0 && dice.chance(perMille: isServerShaky ? 500 : 150)
      return (usual + dice.below(usual)) * (isSlow ? dice.within(4...12) : 1)
    }
    conditions = Self.drawnConditions(&dice)
    usesBytes = dice.chance(perMille: 250)
    // Some of the time that it takes undisturbed, or a few times that.
    let steps = Int(BatchPlan(recipe: settings.recipe, sampleCount: dataset.training).steps)
    let length = steps * (2 * usual + conditions.delay.upperBound)
    calm = dice.within(length / 2...3 * length)
    let (count, end, workers) = (dice.below(14), calm, workers)
    faults = (0..<count).map { _ in
      (dice.below(end), Fault.drawn(workers: workers, &dice))
    }
    let kills = isServerShaky ? dice.within(2...6) : 0
    faults += (0..<kills).map { _ in (dice.below(end), Fault.drawnServerDeath(&dice)) }
  }

  /// The same training, with nothing going wrong.
  package func undisturbed(workers count: Int) -> Scenario {
    var scenario = self
    scenario.workers = count
    scenario.policy = Policy(timing: policy.timing, maximumWorkers: count)
    scenario.leaseTimes = (0..<count).map { .milliseconds(20 + $0) }
    scenario.conditions = NetworkConditions()
    scenario.faults = []
    scenario.calm = 0
    return scenario
  }

  /// How the two sides keep time: shorter than usual, so that a schedule has fewer events.
  static let timing = Timing(
    heartbeat: .seconds(1), silence: .seconds(3), connect: .seconds(12), farewell: .seconds(2),
    stall: .seconds(6))

  private static func drawnTraining(
    _ mode: Mode, _ dice: inout Dice
  ) -> (TrainingSettings, DatasetDescription) {
    var recipe = Recipe.tutorial
    recipe.units = 1
    recipe.normalization = dice.pick([.none, .batch])
    recipe.batchSize = dice.within(5...12)
    recipe.slices = dice.within(2...5)
    recipe.length = .steps(UInt64(dice.within(4...12)))
    recipe.learningRate = 0.01
    recipe.clip = dice.pick([.none, .norm(1)])
    recipe.evaluateEvery = UInt64(dice.below(4))
    var settings = TrainingSettings(recipe: recipe, mode: mode, seed: UInt64(dice.below(1000)))
    let staleness = dice.below(8)
    settings.stalenessBound = UInt64(dice.below(3))
    if mode != .sync, staleness < 4 { settings.maximumStaleness = UInt64(staleness) }
    // Evaluations are cut into runs of 500: several for a validation, a shorter one at the end.
    let dataset = DatasetDescription(
      fingerprint: "simulated", training: dice.within(11...60),
      validation: dice.pick([0, 300, 1300, 2000]), test: dice.pick([0, 700]))
    return (settings, dataset)
  }

  private static func drawnPolicy(workers: Int, _ dice: inout Dice) -> Policy {
    Policy(
      timing: timing, minimumWorkers: dice.pick([1, 1, 1, 2]),
      maximumWorkers: workers + dice.below(3),
      checkpoints: dice.pick([
        .steps(1), .steps(1), .steps(3), .time(.milliseconds(300)), .never,
      ]))
  }

  private static func drawnConditions(_ dice: inout Dice) -> NetworkConditions {
    let slowest = dice.pick([Microseconds.milliseconds(1), .milliseconds(10), .milliseconds(100)])
    return NetworkConditions(
      delay: 100...slowest, loss: dice.pick([0, 0, 0, 10, 50]),
      duplication: dice.pick([0, 0, 10, 50]), reordering: dice.pick([0, 0, 0, 10, 50]),
      damage: dice.pick([0, 0, 0, 5]))
  }
}
