package import Coordination
import Learning
import Numerics

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
  /// Bandwidth, queues and sizes of messages.
  var link: LinkConditions
  var faults: [(time: Microseconds, fault: Fault)]
  /// The time after which no faults occur.
  var faultsEnd: Microseconds
  /// Time limit for the run after the end of the faults.
  var patience: Microseconds
  /// Whether messages and checkpoints are encoded and decoded.
  var usesBytes: Bool

  /// Creates the scenario of a seed.
  ///
  /// - Parameter mode: The mode to train in; nil to draw it from the seed, mostly `sync`.
  package init(seed: UInt64, mode: Mode? = nil) {
    self.seed = seed
    var random = SplitMix64(seed: seed, stream: 1)
    let drawnMode = random.pick([Mode.sync, .sync, .sync, .sync, .sync, .async, .async, .bounded])
    let size = ClusterSize(&random)
    workers = size.workers
    let drawnLink = DrawnLink(size, &random)
    (settings, dataset) = Self.drawnTraining(mode ?? drawnMode, size, drawnLink, &random)
    shape = ModelShape(recipe: settings.recipe, height: 1, width: 1, classes: 2)
    policy = Self.drawnPolicy(workers: workers, &random)
    let usual = random.within(.milliseconds(10) ... .milliseconds(150))
    // With slow workers, results of leases from earlier server incarnations arrive late.
    let isServerShaky = random.chance(perMille: 300)
    leaseTimes = (0..<workers).map { worker in
      let isSlow = worker > 0 && random.chance(perMille: isServerShaky ? 500 : 150)
      return (usual + random.below(usual)) * (isSlow ? random.within(4...12) : 1)
    }
    conditions = Self.drawnConditions(&random)
    link = drawnLink.conditions(elements: shape.layout.count, &random)
    policy.transfers = drawnLink.transfers(elements: shape.layout.count, &random)
    drawnLink.shortenQueues(&link.bounds, &policy, &random)
    usesBytes = random.chance(perMille: 250)
    // Faults end within half to three times the duration of an undisturbed run.
    let steps = Int(BatchPlan(recipe: settings.recipe, sampleCount: dataset.training).steps)
    let length = steps * (2 * usual + conditions.delay.upperBound + drawnLink.transferTime / 2)
    faultsEnd = random.within(length / 2...3 * length)
    patience = SimulatedCluster.timeLimits.run + 4 * steps * drawnLink.transferTime
    faults = []
    faults = drawnFaults(isServerShaky: isServerShaky, &random)
    if drawnLink.hasShortQueues, random.chance(perMille: 500) {
      // Each stranger that leaves causes a heartbeat to every worker, up to the limit.
      let span = random.within(.milliseconds(100) ... .seconds(5))
      faults.append((random.below(faultsEnd), .closeStrangers(for: span)))
    }
    drawAudit()
  }

  private func drawnFaults(
    isServerShaky: Bool, _ random: inout SplitMix64
  ) -> [(time: Microseconds, fault: Fault)] {
    let (count, kills) = (random.below(14), isServerShaky ? random.within(2...6) : 0)
    var faults = (0..<count).map { _ in
      (random.below(faultsEnd), Fault.drawn(workers: workers, &random))
    }
    // Two faulty workers cannot be distinguished from a training that diverges.
    let spoiling = faults.indices.filter {
      if case .spoilResults = faults[$0].1 { true } else { false }
    }
    for index in spoiling.dropFirst().reversed() { faults.remove(at: index) }
    faults += (0..<kills).map { _ in (random.below(faultsEnd), Fault.drawnServerDeath(&random)) }
    let bursts = random.chance(perMille: workers > 5 ? 700 : 100) ? random.within(1...3) : 0
    for _ in 0..<bursts {
      let latest = max(faultsEnd - .milliseconds(10), 1)
      faults += Fault.drawnBurst(workers: workers, at: random.below(latest), &random)
        .filter { $0.time < faultsEnd }
    }
    return faults
  }

  /// Returns the same training without faults.
  package func undisturbed(workers count: Int) -> Scenario {
    var scenario = self
    scenario.workers = count
    scenario.policy = Policy(
      timing: policy.timing, maximumWorkers: count, transfers: policy.transfers)
    scenario.leaseTimes = (0..<count).map { .milliseconds(20 + $0) }
    scenario.conditions = NetworkConditions()
    scenario.link = LinkConditions(workers: count)
    scenario.faults = []
    scenario.faultsEnd = 0
    scenario.patience = SimulatedCluster.timeLimits.run
    return scenario
  }
}
