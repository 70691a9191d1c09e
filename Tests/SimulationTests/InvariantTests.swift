import Coordination
import Learning
import Numerics
import Testing
import Wire

@testable import Coordination
@testable import Simulation

/// Tests that each invariant is violated by a corresponding error.
@Suite struct InvariantTests {
  /// A server with one worker, and a checker of its events and effects.
  private struct Fixture {
    let scenario: Scenario
    var core: ServerCore
    var checker: InvariantChecker
    var lease: Lease?
    let peer = PeerID(connection: 0)
    private(set) var now = Moment(nanoseconds: 0)
    /// The number of the worker's last message.
    private var number: UInt32 = 2

    init(_ mode: Mode = .sync, change: (inout Scenario) -> Void = { _ in }) throws {
      var scenario = Scenario(seed: 1, mode: mode)
      scenario.settings.recipe.evaluateEvery = 0
      scenario.policy = Policy(checkpoints: .steps(1))
      core = ServerCore(scenario.initialState, dataset: scenario.dataset, incarnation: 1)
      change(&scenario)
      self.scenario = scenario
      checker = InvariantChecker(scenario)
      try checker.restart(from: scenario.initialState)
      let hello = Hello(name: "anna", incarnation: 1, dataset: "simulated")
      try see(.received(NumberedMessage(.hello(hello), number: 1), from: peer))
      try see(.received(NumberedMessage(.ready, number: 2), from: peer))
    }

    /// Handles an event; `change` may modify the effects before the checker receives them.
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
      try checker.check(event, effects, core, at: now)
      return effects
    }

    /// Returns the push of the result of the worker's lease, possibly modified.
    mutating func push(_ change: (LeaseResult) -> LeaseResult = { $0 }) throws -> ServerCore.Event {
      let lease = try #require(lease)
      let weights = LoadedWeights(
        version: lease.version, digest: checker.history[Int(lease.version)].weights)
      let result = try #require(checker.model.result(of: lease, with: weights))
      let changed = change(result)
      // A vector of this model is one piece, which is part of the push.
      let push = Push(changed, firstPiece: changed.contributions.first?.values.pieces.first)
      number += 1
      return .received(NumberedMessage(.push(push), number: number), from: peer)
    }
  }

  private func expect(
    _ invariant: Invariant, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
  ) {
    let violation = #expect(throws: Violation.self, sourceLocation: sourceLocation) { try body() }
    #expect(violation?.invariant == invariant, sourceLocation: sourceLocation)
  }

  @Test func aCorrectRunViolatesNoInvariant() throws {
    var fixture = try Fixture()
    for _ in 0..<3 { try fixture.see(try fixture.push()) }
    #expect(fixture.core.version == 3)
  }

  @Test func anUnreportedUpdateIsDetected() throws {
    var fixture = try Fixture()
    let push = try fixture.push()
    expect(.oneUpdate) { try fixture.see(push) { $0.removeAll() } }
  }

  @Test func anUpdateWithoutAResultIsDetected() throws {
    var fixture = try Fixture()
    let effects = try fixture.see(try fixture.push()).filter {
      if case .report = $0 { true } else { false }
    }
    fixture.checker.history.removeLast()
    expect(.oneUpdate) {
      try fixture.checker.check(.tick, effects, fixture.core, at: Moment(nanoseconds: 0))
    }
  }

  @Test func grantingAppliedWorkAgainIsDetected() throws {
    var fixture = try Fixture()
    let effects = try fixture.see(try fixture.push())
    let first = effects.compactMap { effect -> ServerCore.Effect? in
      guard case .send(let message, let peer) = effect, case .grant(var grant) = message.message
      else { return nil }
      grant.verdict = nil
      grant.leases = grant.leases.map {
        Lease(
          id: LeaseID(incarnation: 9, counter: 9), version: $0.version,
          work: .train(batch: 0, slices: 0..<1))
      }
      return .send(NumberedMessage(.grant(grant), number: 9), to: peer)
    }
    expect(.onceOnly) { try fixture.see(.tick) { $0 += first } }
  }

  @Test func fulfillingALeaseTwiceIsDetected() throws {
    var fixture = try Fixture()
    let lease = try #require(fixture.lease)
    try fixture.see(try fixture.push())
    fixture.lease = lease
    let push = try fixture.push()
    let applied = LeaseVerdict(id: lease.id, verdict: .applied)
    let misstated = ServerCore.Effect.send(
      NumberedMessage(.grant(Grant(verdict: applied, version: 1)), number: 9), to: fixture.peer)
    expect(.onceOnly) { try fixture.see(push) { $0.append(misstated) } }
  }

  @Test func aResultOfOtherSamplesIsDetected() throws {
    var fixture = try Fixture()
    let push = try fixture.push { result in
      var sums = result.sums
      sums[0].lossSum += 1
      return LeaseResult(
        id: result.id, version: result.version, sums: sums, contributions: result.contributions)
    }
    expect(.genuine) { try fixture.see(push) }
  }

  @Test func inconsistentCountersAreDetected() throws {
    var fixture = try Fixture()
    fixture.checker.samples += 1
    expect(.counters) { try fixture.see(.tick) }
  }

  @Test func misreportedStalenessIsDetected() throws {
    var fixture = try Fixture(.async)
    let push = try fixture.push()
    expect(.staleness) {
      try fixture.see(push) { effects in
        effects = effects.map { effect in
          guard case .report(.stepped(let report)) = effect else { return effect }
          return .report(.stepped(report.withStaleness(1)))
        }
      }
    }
  }

  @Test func aWorkerTooFarAheadIsDetected() throws {
    var fixture = try Fixture(.bounded) { $0.settings.stalenessBound = 0 }
    fixture.core.members.update(fixture.peer) { $0.completed = 5 }
    let other = PeerID(connection: 1)
    let hello = Hello(name: "berta", incarnation: 2, dataset: "simulated")
    try fixture.see(.received(NumberedMessage(.hello(hello), number: 1), from: other))
    try fixture.see(.received(NumberedMessage(.ready, number: 2), from: other))
    fixture.core.members.update(other) { $0.completed = 0 }
    let held = try #require(fixture.lease)
    let lease = Lease(
      id: LeaseID(incarnation: 1, counter: 99), version: held.version, work: held.work)
    expect(.staleness) { try fixture.checker.checkGrant(lease, to: fixture.peer, fixture.core) }
  }

  @Test func tooManyWorkersAreDetected() {
    expect(.bounds) { _ = try Fixture { $0.policy.maximumWorkers = 0 } }
  }

  @Test func anEvaluationOfAnotherVersionOrFewerSamplesIsDetected() throws {
    for step: UInt64 in [0, 1] {
      var fixture = try Fixture()
      expect(.evaluations) {
        let sums = SampleSums(lossSum: 1, correct: 0, count: 1)
        let found = [SplitEvaluation(split: .test, sums: sums)]
        try fixture.see(.tick) { $0.append(.report(.evaluated(step: step, found))) }
      }
    }
  }

  @Test func weightsThatDifferFromTheUndisturbedRunAreDetected() throws {
    var fixture = try Fixture { $0.settings.recipe.learningRate *= 2 }
    let push = try fixture.push()
    expect(.sameBits) { try fixture.see(push) }
  }

  @Test func aRunThatEndsEarlyIsDetected() throws {
    var fixture = try Fixture()
    expect(.epochs) { try fixture.see(.tick) { $0.append(.finish(.completed)) } }
  }

  @Test func aCheckpointOfAnotherVersionIsDetected() throws {
    var fixture = try Fixture()
    let early = fixture.core.state
    try fixture.see(try fixture.push())
    expect(.checkpoints) { try fixture.see(.tick) { $0.append(.checkpoint(early)) } }
    var fresh = InvariantChecker(fixture.scenario)
    try fresh.restart(from: early)
    expect(.checkpoints) { try fresh.restart(from: fixture.core.state) }
  }

  @Test func needlessTickRequestsAreDetected() throws {
    var fixture = try Fixture()
    try fixture.see(.disconnected)
    let due = try #require(fixture.core.nextTick)
    expect(.idle) { try fixture.checker.check(.tick, [], fixture.core, at: due) }
  }

  @Test func aRunThatDoesNotCompleteIsDetected() {
    var scenario = Scenario(seed: 1).undisturbed(workers: 1)
    scenario.policy.minimumWorkers = 2
    #expect(Simulator.run(scenario).violation?.invariant == .progress)
  }

  @Test func aWorkerThatDoesNotExitAfterTheRunIsDetected() {
    var scenario = Scenario(seed: 1).undisturbed(workers: 2)
    scenario.faults = [(.milliseconds(310), .freezeWorker(0, for: .seconds(1000)))]
    #expect(Simulator.run(scenario).violation?.invariant == .farewells)
  }

  @Test func everyInvariantHasADistinctDescription() {
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
