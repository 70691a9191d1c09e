import Coordination
import Learning
import Testing
import Wire

@testable import Coordination
@testable import Simulation

/// Rules that are broken by hand, for a rule that cannot be broken says nothing.
@Suite struct InvariantTests {
  /// A server with one worker, and an inspector that looks on.
  private struct Bench {
    let scenario: Scenario
    var core: ServerCore
    var inspector: Inspector
    var lease: Lease?
    let peer = PeerID(connection: 0)
    private(set) var now = Moment(nanoseconds: 0)

    init(_ mode: Mode = .sync, change: (inout Scenario) -> Void = { _ in }) throws {
      var scenario = Scenario(seed: 1, mode: mode)
      scenario.settings.recipe.evaluateEvery = 0
      scenario.policy = Policy(checkpoints: .steps(1))
      core = ServerCore(scenario.initialState, dataset: scenario.dataset, incarnation: 1)
      change(&scenario)
      self.scenario = scenario
      inspector = Inspector(scenario)
      try inspector.begin(with: scenario.initialState)
      let hello = Hello(name: "anna", incarnation: 1, dataset: "simulated")
      try see(.received(NumberedMessage(.hello(hello), number: 1), from: peer))
      try see(.received(NumberedMessage(.ready, number: 2), from: peer))
    }

    /// Hands over an event; what the inspector sees of the effects may be changed before.
    @discardableResult
    mutating func see(
      _ event: ServerCore.Event, as change: (inout [ServerCore.Effect]) -> Void = { _ in }
    ) throws -> [ServerCore.Effect] {
      now = now.advanced(by: .milliseconds(10))
      var effects: [ServerCore.Effect] = []
      core.handle(event, at: now, effects: &effects)
      for case .send(let message, _) in effects {
        if case .grant(let grant) = message.message { lease = grant.leases.first ?? lease }
      }
      change(&effects)
      try inspector.check(event, effects, core, at: now)
      return effects
    }

    /// The push of what the worker computes for its lease, or of something like it.
    func push(_ change: (LeaseResult) -> LeaseResult = { $0 }) throws -> ServerCore.Event {
      let lease = try #require(lease)
      let weights = LoadedWeights(
        version: lease.version, digest: inspector.history[Int(lease.version)].weights)
      let result = try #require(inspector.standIn.result(of: lease, with: weights))
      return .received(NumberedMessage(.push(Push(result: change(result))), number: 0), from: peer)
    }
  }

  private func expect(
    _ invariant: Invariant, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
  ) {
    let violation = #expect(throws: Violation.self, sourceLocation: sourceLocation) { try body() }
    #expect(violation?.invariant == invariant, sourceLocation: sourceLocation)
  }

  @Test func whatIsInOrderBreaksNoRule() throws {
    var bench = try Bench()
    for _ in 0..<3 { try bench.see(try bench.push()) }
    #expect(bench.core.version == 3)
  }

  @Test func anUpdateThatNobodySpeaksOfIsFound() throws {
    var bench = try Bench()
    let push = try bench.push()
    expect(.oneUpdate) { try bench.see(push) { $0.removeAll() } }
  }

  @Test func anUpdateWithoutAResultIsFound() throws {
    var bench = try Bench()
    let effects = try bench.see(try bench.push())
    bench.inspector.history.removeLast()
    expect(.oneUpdate) {
      try bench.inspector.check(.tick, effects, bench.core, at: Moment(nanoseconds: 0))
    }
  }

  @Test func workThatIsGrantedAgainIsFound() throws {
    var bench = try Bench()
    let effects = try bench.see(try bench.push())
    let first = effects.compactMap { effect -> ServerCore.Effect? in
      guard case .send(let message, let peer) = effect, case .grant(var grant) = message.message
      else { return nil }
      grant.leases = grant.leases.map {
        Lease(
          id: LeaseID(incarnation: 9, counter: 9), version: $0.version,
          work: .train(batch: 0, slices: 0..<1))
      }
      return .send(NumberedMessage(.grant(grant), number: 9), to: peer)
    }
    expect(.onceOnly) { try bench.see(.tick) { $0 += first } }
  }

  @Test func aLeaseThatIsFulfilledTwiceIsFound() throws {
    var bench = try Bench()
    let lease = try #require(bench.lease)
    try bench.see(try bench.push())
    bench.lease = lease
    let push = try bench.push()
    let applied = LeaseVerdict(id: lease.id, verdict: .applied)
    let lie = ServerCore.Effect.send(
      NumberedMessage(.grant(Grant(verdict: applied, version: 1)), number: 9), to: bench.peer)
    expect(.onceOnly) { try bench.see(push) { $0.append(lie) } }
  }

  @Test func aResultOfOtherSamplesIsFound() throws {
    var bench = try Bench()
    let push = try bench.push { result in
      var sums = result.sums
      sums[0].lossSum += 1
      return LeaseResult(
        id: result.id, version: result.version, sums: sums, contributions: result.contributions)
    }
    expect(.genuine) { try bench.see(push) }
  }

  @Test func booksThatDoNotBalanceAreFound() throws {
    var bench = try Bench()
    bench.core.audit.samplesApplied += 1
    expect(.books) { try bench.see(.tick) }
  }

  @Test func aGradientThatIsOlderThanReportedIsFound() throws {
    var bench = try Bench(.async)
    let push = try bench.push()
    expect(.staleness) {
      try bench.see(push) { effects in
        effects = effects.map { effect in
          guard case .report(.stepped(let report)) = effect else { return effect }
          return .report(.stepped(report.withStaleness(1)))
        }
      }
    }
  }

  @Test func aWorkerThatIsTooFarAheadIsFound() throws {
    var bench = try Bench(.bounded) { $0.settings.stalenessBound = 0 }
    bench.core.members.update(bench.peer) { $0.completed = 5 }
    let other = PeerID(connection: 1)
    let hello = Hello(name: "berta", incarnation: 2, dataset: "simulated")
    try bench.see(.received(NumberedMessage(.hello(hello), number: 1), from: other))
    try bench.see(.received(NumberedMessage(.ready, number: 2), from: other))
    bench.core.members.update(other) { $0.completed = 0 }
    let lease = try #require(bench.lease)
    expect(.staleness) { try bench.inspector.note(lease, to: bench.peer, bench.core) }
  }

  @Test func moreWorkersThanThereIsRoomForAreFound() {
    expect(.bounds) { _ = try Bench { $0.policy.maximumWorkers = 0 } }
  }

  @Test func anEvaluationOfAnotherVersionOrOfFewerSamplesIsFound() throws {
    for step: UInt64 in [0, 1] {
      var bench = try Bench()
      expect(.evaluations) {
        try bench.see(.tick) { $0.append(.report(.evaluated(step: step, []))) }
      }
    }
  }

  @Test func otherWeightsThanThoseOfTheUndisturbedRunAreFound() throws {
    var bench = try Bench { $0.settings.recipe.learningRate *= 2 }
    let push = try bench.push()
    expect(.sameBits) { try bench.see(push) }
  }

  @Test func aRunThatEndsEarlyIsFound() throws {
    var bench = try Bench()
    expect(.epochs) { try bench.see(.tick) { $0.append(.finish(.completed)) } }
  }

  @Test func aCheckpointOfAnotherMomentIsFound() throws {
    var bench = try Bench()
    let early = bench.core.state
    try bench.see(try bench.push())
    expect(.checkpoints) { try bench.see(.tick) { $0.append(.checkpoint(early)) } }
    var fresh = Inspector(bench.scenario)
    try fresh.begin(with: early)
    expect(.checkpoints) { try fresh.begin(with: bench.core.state) }
  }

  @Test func aCoreThatAsksForTicksForNothingIsFound() throws {
    var bench = try Bench()
    try bench.see(.disconnected)
    let due = try #require(bench.core.nextTick)
    expect(.rest) { try bench.inspector.check(.tick, [], bench.core, at: due) }
  }

  @Test func aRunThatDoesNotComeToItsEndIsFound() {
    var scenario = Scenario(seed: 1).undisturbed(workers: 1)
    scenario.policy.minimumWorkers = 2
    #expect(Simulator.run(scenario).violation?.invariant == .progress)
  }

  @Test func aWorkerThatStaysAfterTheEndIsFound() {
    var scenario = Scenario(seed: 1).undisturbed(workers: 2)
    scenario.faults = [(.milliseconds(310), .freezeWorker(0, for: .seconds(1000)))]
    #expect(Simulator.run(scenario).violation?.invariant == .farewells)
  }

  @Test func weightsThatAreNoneAreFound() {
    let bytes = EncodedTensor(dtype: .uint8, shape: [2], payload: [1, 2])
    expect(.bytes) { _ = try SimulatedCluster.loaded(bytes, 0) }
  }

  @Test func everyRuleSaysWhatItWants() {
    #expect(Set(Invariant.allCases.map(\.rawValue)).count == Invariant.allCases.count)
    #expect("\(Violation(.onceOnly, "twice"))" == "no work is applied twice: twice")
  }
}

extension StepReport {
  fileprivate func withStaleness(_ staleness: UInt64) -> StepReport {
    StepReport(
      step: step, steps: steps, epoch: epoch, sums: sums, learningRate: learningRate,
      gradientNorm: gradientNorm, staleness: staleness, workers: workers)
  }
}
