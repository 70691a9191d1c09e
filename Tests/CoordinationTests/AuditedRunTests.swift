import Coordination
import Learning
import Numerics
import Testing
import Wire

/// Whole runs whose results are audited.
@Suite struct AuditedRunTests {
  private static let settings = TrainingSettings.tiny(steps: 12)
  private static let reference = sequentialWeights(settings)

  private func policy(_ share: Double = 1, replays: Bool = false) -> Policy {
    var policy = Policy()
    policy.auditShare = share
    policy.replaysAudit = replays
    return policy
  }

  private func cluster(
    workers: Int, _ share: Double = 1, replays: Bool = false, shuffle: UInt64? = nil
  ) -> Cluster {
    Cluster(
      Self.settings, workers: workers, policy: policy(share, replays: replays), shuffle: shuffle)
  }

  // MARK: Honest workers

  @Test(arguments: [1, 2, 3, 5], [0.3, 1])
  func anAuditDoesNotChangeTheWeights(workers: Int, share: Double) throws {
    for seed: UInt64? in [nil, 1, 2, 3] {
      var cluster = cluster(workers: workers, share, shuffle: seed)
      try cluster.run()
      #expect(cluster.outcome == .completed && cluster.weights == Self.reference)
      #expect(cluster.server.audit.leasesAudited > 0)
      #expect(cluster.server.audit.resultsDiffering == 0 && cluster.differences.isEmpty)
      #expect(cluster.verdicts.allSatisfy { $0.rejection == nil })
    }
  }

  @Test func withoutAShareNothingIsComputedTwice() throws {
    var cluster = cluster(workers: 3, 0)
    try cluster.run()
    #expect(cluster.server.audit.leasesAudited == 0 && cluster.recomputed.isEmpty)
    #expect(cluster.computations.values.allSatisfy { $0.count == 1 })
  }

  @Test func inOtherModesNothingIsAudited() throws {
    for mode in [Mode.async, .bounded] {
      var cluster = Cluster(.tiny(mode), workers: 2, policy: policy())
      try cluster.run()
      #expect(cluster.outcome == .completed && cluster.server.audit.leasesAudited == 0)
    }
  }

  /// With one worker the server computes every audited lease; with more it computes none.
  @Test(arguments: [1, 2, 3])
  func twoWorkersNeedNoServer(workers: Int) throws {
    var cluster = cluster(workers: workers)
    try cluster.run()
    #expect(cluster.recomputed.isEmpty == (workers > 1))
    let authors = cluster.computations
    #expect(authors.count >= 12)
    for (work, names) in authors {
      #expect(names.count == (workers == 1 ? 1 : 2) && Set(names).count == names.count, "\(work)")
    }
  }

  // MARK: Faulty workers

  @Test(arguments: [2, 3], [nil, 1, 2, 3, 4] as [UInt64?])
  func aWrongBitIsKeptOutOfTheWeights(workers: Int, seed: UInt64?) throws {
    var cluster = cluster(workers: workers, shuffle: seed)
    cluster.workers[1].tamper = Self.flippingABit(after: 3)
    try cluster.run()
    #expect(cluster.outcome == .completed && cluster.weights == Self.reference)
    #expect(Set(cluster.differences.map(\.name)) == ["worker-1"])
    #expect(cluster.server.audit.resultsDiffering == UInt64(cluster.differences.count))
    guard case .refused(.quarantined, let detail) = cluster.workers[1].ending else {
      Issue.record("\(String(describing: cluster.workers[1].ending))")
      return
    }
    #expect(detail.contains("audited"))
    #expect(cluster.workers[0].ending == .completed)
  }

  @Test func theOnlyWorkerIsComparedWithTheServer() throws {
    var cluster = cluster(workers: 1)
    cluster.workers[0].tamper = Self.flippingABit(after: 2)
    try cluster.run { !$0.differences.isEmpty }
    #expect(cluster.server.members.count == 0)
    cluster.join()
    try cluster.run()
    #expect(cluster.outcome == .completed && cluster.weights == Self.reference)
  }

  /// Another program, or another build, whose results are close to the right ones.
  @Test func aWorkerWithCloseResultsIsRefused() throws {
    var cluster = cluster(workers: 3, 0.3)
    cluster.workers[2].tamper = { [$0.with(values: $0.values.map { $0 * 1.000001 })] }
    try cluster.run()
    #expect(cluster.outcome == .completed)
    #expect(cluster.differences.map(\.name) == ["worker-2"])
    #expect(cluster.departures.contains { $0.contains("audited lease") })
  }

  @Test func twoWorkersWithDifferentErrorsAreBothFound() throws {
    var cluster = cluster(workers: 3)
    for (index, factor) in [(0, 1.5), (1, 2)] as [(Int, Float)] {
      cluster.workers[index].tamper = { [$0.with(values: $0.values.map { $0 * factor })] }
    }
    try cluster.run()
    #expect(cluster.outcome == .completed && cluster.weights == Self.reference)
    #expect(Set(cluster.differences.map(\.name)) == ["worker-0", "worker-1"])
  }

  /// The documented limit: the server does not compute what two workers agree on.
  @Test func twoWorkersWithTheSameErrorConfirmEachOther() throws {
    var cluster = cluster(workers: 2)
    for index in 0..<2 {
      cluster.workers[index].tamper = { [$0.with(values: $0.values.map { $0 * 2 })] }
    }
    try cluster.run()
    #expect(cluster.outcome == .completed && cluster.weights != Self.reference)
    #expect(cluster.differences.isEmpty)
  }

  @Test func resultsThatAreNotFiniteAreStillDisputed() throws {
    for seed: UInt64? in [nil, 1, 2, 3] {
      var cluster = cluster(workers: 3, shuffle: seed)
      cluster.workers[0].tamper = { [$0.with(values: $0.values.map { _ in .nan })] }
      try cluster.run()
      #expect(cluster.outcome == .completed && cluster.weights == Self.reference)
      #expect(cluster.workers[0].ending != .completed)
    }
  }

  @Test(arguments: [1, 2])
  func aTrainingThatDivergesStillDoes(workers: Int) throws {
    let settings = TrainingSettings.tiny(steps: 9) { $0.learningRate = 3e38 }
    var cluster = Cluster(settings, workers: workers, policy: policy())
    try cluster.run()
    #expect(cluster.outcome == .diverged(step: cluster.server.version))
  }

  // MARK: Changes of the workers

  @Test(arguments: 1...12)
  func bothWorkersOfAComparisonCanDie(seed: UInt64) throws {
    var cluster = cluster(workers: 2, shuffle: seed)
    try cluster.run { $0.server.version >= 3 && $0.workers.allSatisfy(\.isBusy) }
    cluster.disconnect(0)
    cluster.disconnect(1)
    cluster.join()
    cluster.join()
    try cluster.run()
    #expect(cluster.outcome == .completed && cluster.weights == Self.reference)
    #expect(cluster.differences.isEmpty)
  }

  /// The worker with the first result is lost; its result is compared all the same.
  @Test(arguments: 1...12)
  func aResultIsComparedAfterItsWorkerHasLeft(seed: UInt64) throws {
    var cluster = cluster(workers: 2, shuffle: seed)
    cluster.workers[1].tamper = Self.flippingABit(after: 3)
    try cluster.run { $0.workers[1].gradients.count >= 4 && !$0.workers[1].hasResultInFlight }
    cluster.disconnect(1)
    cluster.join()
    try cluster.run()
    #expect(cluster.outcome == .completed && cluster.weights == Self.reference)
  }

  /// A worker with a wrong result does not confirm it as another incarnation of itself.
  @Test(arguments: 1...12)
  func theServerReplacesTheSecondWorkerIfTheFirstHasLeft(seed: UInt64) throws {
    let wrong: (LeaseResult) -> [LeaseResult] = { result in
      [result.with(values: result.values.map { $0 * 2 })]
    }
    var cluster = cluster(workers: 1, shuffle: seed)
    cluster.recomputes = false
    cluster.workers[0].tamper = wrong
    cluster.join()
    try cluster.run { $0.workers[0].gradients.count >= 1 && !$0.workers[0].hasResultInFlight }
    cluster.disconnect(0)
    cluster.disconnect(1)
    cluster.join()
    cluster.workers[2].tamper = wrong
    cluster.recomputes = true
    try cluster.run { !$0.differences.isEmpty }
    cluster.join()
    try cluster.run()
    #expect(cluster.outcome == .completed && cluster.weights == Self.reference)
  }

  /// A straggler's copy is not given to the worker that has computed the same work.
  @Test func theServerReplacesASecondWorkerThatHangs() throws {
    var cluster = cluster(workers: 2)
    try cluster.run { $0.server.version >= 3 && $0.workers[1].isBusy }
    cluster.kill(1)  // silent, as a suspended process
    try cluster.run()
    #expect(cluster.outcome == .completed && cluster.weights == Self.reference)
    #expect(!cluster.recomputed.isEmpty)
    #expect(cluster.computations.values.allSatisfy { Set($0).count == $0.count })
  }

  @Test(arguments: [1, 2, 3])
  func aServerThatIsRestartedDuringAComparisonRepeatsTheStep(workers: Int) throws {
    var policy = policy()
    policy.checkpoints = .steps(1)
    var cluster = Cluster(Self.settings, workers: workers, policy: policy)
    cluster.recomputes = false
    if workers == 1 {
      try cluster.run { !$0.recomputing.isEmpty }
    } else {
      cluster.workers[1].tamper = Self.flippingABit(after: 5)
      try cluster.run { !$0.recomputing.isEmpty }
    }
    let state = cluster.checkpoints.last ?? cluster.server.state
    #expect(state.optimizer.step == cluster.server.version)
    var next = Cluster(resuming: state, workers: workers, policy: policy, incarnation: 7)
    try next.run()
    #expect(next.outcome == .completed && next.weights == Self.reference)
  }

  @Test func aResultOfTheServerForAFormerLeaseIsIgnored() throws {
    var cluster = cluster(workers: 1)
    cluster.recomputes = false
    try cluster.run { !$0.recomputing.isEmpty }
    let lease = try #require(cluster.recomputing.first?.lease)
    let other = Lease(
      id: LeaseID(incarnation: 1, counter: lease.id.counter), version: lease.version,
      work: lease.work)
    cluster.deliver(.recomputed(LeaseResult(id: other.id, version: 0, sums: [])))
    #expect(cluster.server.version == 0 && cluster.differences.isEmpty)
    cluster.recomputes = true
    try cluster.run()
    #expect(cluster.weights == Self.reference)
  }

  // MARK: Replay

  /// Runs a cluster, and as often as the server requests it, another one from earlier weights.
  private func replaying(
    _ cluster: Cluster, workers: Int, from state: ServerState
  ) throws -> (end: Cluster, steps: [UInt64]) {
    var cluster = cluster
    var steps: [UInt64] = []
    try cluster.run { $0.outcome != nil }
    while case .replay(let step) = cluster.outcome, steps.count < 9 {
      steps.append(step)
      let earlier = cluster.checkpoints.last { $0.optimizer.step < step } ?? state
      cluster = Cluster(
        resuming: earlier, workers: workers, policy: policy(1), incarnation: UInt64(steps.count))
      try cluster.run { $0.outcome != nil }
    }
    return (cluster, steps)
  }

  private var initial: ServerState {
    ServerState(
      settings: Self.settings, dataset: TinyData.fingerprint,
      optimizer: Self.settings.initialOptimizer)
  }

  @Test(arguments: 1...8)
  func theRunReturnsToTheWeightsBeforeTheFirstUnauditedResult(seed: UInt64) throws {
    var cluster = cluster(workers: 3, 0.4, replays: true, shuffle: seed)
    cluster.workers[1].tamper = Self.flippingABit(after: 0)
    let (end, steps) = try replaying(cluster, workers: 2, from: initial)
    #expect(end.outcome == .completed && end.weights == Self.reference)
    #expect(steps.count <= 1)
  }

  /// A worker that joined later has no part in the earlier weights.
  @Test func aLateWorkerCostsTheStepsSinceItsFirstResult() throws {
    var policy = policy(0.4, replays: true)
    policy.checkpoints = .steps(1)
    let settings = TrainingSettings.tiny(steps: 40)
    var cluster = Cluster(settings, workers: 2, policy: policy)
    try cluster.run { $0.server.version == 5 }
    cluster.join()
    cluster.workers[2].tamper = Self.flippingABit(after: 6)
    let (end, steps) = try replaying(cluster, workers: 2, from: initial)
    #expect(end.outcome == .completed && end.weights == sequentialWeights(settings))
    #expect(steps.count == 1 && steps[0] > 5)
    #expect(end.server.audit.epochsComplete == 400 / 37)
  }

  /// Nothing is repeated if all results of the worker were audited.
  @Test func aWorkerWithoutUnauditedResultsCausesNoReturn() throws {
    var cluster = cluster(workers: 3, 1, replays: true)
    cluster.workers[1].tamper = Self.flippingABit(after: 4)
    try cluster.run()
    #expect(cluster.outcome == .completed && cluster.weights == Self.reference)
    #expect(cluster.differences.map(\.firstStep) == [nil])
  }

  @Test func theWorkersReconnectAndTheFaultyOneIsRefused() throws {
    var cluster = cluster(workers: 3, 0.4, replays: true)
    cluster.workers[1].tamper = Self.flippingABit(after: 0)
    try cluster.run { $0.outcome != nil }
    guard case .replay = cluster.outcome else {
      Issue.record("\(String(describing: cluster.outcome))")
      return
    }
    #expect(cluster.server.members.count == 0)
    try cluster.run { $0.workers.allSatisfy { $0.incoming.isEmpty } }
    #expect(cluster.workers[1].ending != nil)
    for worker in [cluster.workers[0], cluster.workers[2]] {
      #expect(worker.isActive && worker.core.contact == .searching)
    }
    #expect(cluster.server.state.quarantine.map(\.name) == ["worker-1"])
  }

  @Test func withoutAReplayTheReportNamesTheFirstStep() throws {
    var cluster = cluster(workers: 3, 0.4)
    cluster.workers[1].tamper = Self.flippingABit(after: 0)
    try cluster.run()
    #expect(cluster.outcome == .completed)
    let difference = try #require(cluster.differences.first)
    #expect(difference.firstStep != nil && !difference.isUndone)
  }

  @Test func theContributorsArePartOfTheState() throws {
    var cluster = cluster(workers: 2, 0)
    try cluster.run { $0.server.version == 2 }
    let firstSteps = cluster.server.state.contributors.firstSteps
    #expect(Set(firstSteps.keys) == ["worker-0", "worker-1"])
    #expect(firstSteps.values.min() == 1 && firstSteps.values.allSatisfy { $0 <= 2 })
    var audited = self.cluster(workers: 2, 1)
    try audited.run()
    #expect(audited.server.state.contributors == Contributors())
  }
}

extension AuditedRunTests {
  /// Returns a fault: after some gradients, one in two has another last bit in one value.
  static func flippingABit(after count: Int) -> (LeaseResult) -> [LeaseResult] {
    let gradients = Counter()
    return { result in
      guard !result.contributions.isEmpty else { return [result] }
      gradients.value += 1
      guard gradients.value > count, gradients.value.isMultiple(of: 2) else { return [result] }
      let part = result.contributions[0]
      var values = part.values.floats
      values[0] = Float(bitPattern: values[0].bitPattern ^ 1)
      let wrong = Contribution(slices: part.slices, values: PiecewiseVector(values))
      return [result.with(parts: [wrong] + result.contributions.dropFirst())]
    }
  }
}

/// A number that a closure changes.
private final class Counter {
  var value = 0
}

extension Cluster {
  /// The reported differences, in order.
  fileprivate var differences: [AuditDifference] {
    reports.compactMap { if case .differed(let found) = $0.report { found } else { nil } }
  }

  /// For each work of the training the names of the workers whose results were accepted.
  fileprivate var computations: [Work: [String]] {
    var names: [Work: [String]] = [:]
    for push in applied {
      guard let work = granted[push.id]?.work, case .train = work else { continue }
      let author = workers.first { $0.gradients[push.id] != nil }
      names[work, default: []].append(author?.name ?? "unknown")
    }
    return names
  }
}
