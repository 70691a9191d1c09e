import Learning
import Numerics
import Testing
import Wire

@testable import Coordination

@Suite struct PaceTests {
  private let work = Work.train(batch: 0, slices: 0..<1)

  /// Returns a pace after one lease of a fast worker: 10 ms a sample, and 20 ms for the link.
  private func pace() -> Pace {
    var pace = Pace()
    pace.record(work, samples: 10, elapsed: .milliseconds(120), computed: .milliseconds(100))
    return pace
  }

  private func cost(_ elapsed: Duration, computed: Duration) -> CostEstimate {
    var cost = CostEstimate()
    cost.record(elapsed: elapsed, computed: computed, samples: 10)
    return cost
  }

  @Test func aLeaseOfAnUnknownWorkerIsLateAfterFourTimesAFastWorkersTime() {
    let pace = pace()
    for (samples, expected) in [(10, 0.48), (20, 0.88)] as [(UInt64, Double)] {
      let allowance = pace.allowance(work, samples: samples, cost: CostEstimate())
      #expect(abs(allowance.seconds - expected) < 1e-9)
    }
  }

  /// 4 times its computation, and the mean and four deviations of its link: 400 + 90 + 180 ms.
  @Test func aWorkerIsJudgedByItsOwnLink() {
    let own = cost(.milliseconds(190), computed: .milliseconds(100))
    let allowance = pace().allowance(work, samples: 10, cost: own)
    #expect(abs(allowance.seconds - 0.67) < 1e-9)
  }

  /// Others must not wait for it, however long it usually takes.
  @Test func aSlowWorkerIsJudgedByTheFastOnes() {
    var own = cost(.seconds(9), computed: .seconds(1))
    #expect(!pace().isSlow(own, samples: 10))  // it may have been a delay
    for _ in 0..<2 { own.record(elapsed: .seconds(9), computed: .seconds(1), samples: 10) }
    #expect(abs(pace().allowance(work, samples: 10, cost: own).seconds - 0.48) < 1e-9)
    #expect(pace().isSlow(own, samples: 10))
    #expect(!pace().isSlow(cost(.milliseconds(500), computed: .milliseconds(100)), samples: 10))
    #expect(!pace().isSlow(CostEstimate(), samples: 10))
    own.record(elapsed: .milliseconds(150), computed: .milliseconds(100), samples: 10)
    #expect(!pace().isSlow(own, samples: 10))
  }

  @Test func theAllowanceIsAtLeastTenMillisecondsAndOneSecondWithoutAnEstimate() {
    var pace = Pace()
    #expect(pace.allowance(work, samples: 1, cost: CostEstimate()) == .seconds(1))
    pace.record(work, samples: 10, elapsed: .microseconds(10), computed: .microseconds(9))
    #expect(pace.allowance(work, samples: 10, cost: CostEstimate()) == .milliseconds(10))
    let evaluation = Work.evaluate(split: .test, samples: 0..<5)
    #expect(pace.allowance(evaluation, samples: 5, cost: CostEstimate()) == .seconds(1))
    pace.reset()
    #expect(pace.allowance(work, samples: 1, cost: CostEstimate()) == .seconds(1))
  }
}

@Suite struct CopyTests {
  private let work = Work.train(batch: 3, slices: 0..<2)

  @Test func theOldestLateLeaseIsFoundUntilItIsCopied() {
    var ledger = Ledger(incarnation: 7)
    let first = ledger.issue(work, version: 1, to: .a, at: .start, due: .seconds(1))
    let second = ledger.issue(work, version: 1, to: .a, at: .start, due: .seconds(1))
    ledger.collectLate(at: .seconds(0.9))
    var late = ledger.oldestLate()
    #expect(late == nil && ledger.nextDue == .seconds(1))
    ledger.collectLate(at: .seconds(1))
    late = ledger.oldestLate()
    #expect(late == first && ledger.nextDue == nil)
    let copy = ledger.copy(first, version: 2, to: .b, at: .seconds(1), due: .seconds(3))
    #expect(copy == Lease(id: first.id, version: 2, work: work))
    #expect(ledger.isHeld(first.id, by: .b) && ledger.count(heldBy: .b) == 1)
    late = ledger.oldestLate()
    #expect(late == second)
    ledger.fulfil(second.id)
    late = ledger.oldestLate()
    #expect(late == nil && ledger.nextDue == .seconds(3))
    ledger.collectLate(at: .seconds(3))
    late = ledger.oldestLate()
    #expect(late?.id == first.id)
  }

  @Test func theFirstResultOfACopyCountsWithTheWeightsOfItsHolder() {
    for (winner, loser, version) in [(PeerID.a, PeerID.b, 1), (.b, .a, 2)]
      as [(PeerID, PeerID, UInt64)]
    {
      var ledger = Ledger(incarnation: 7)
      let lease = ledger.issue(work, version: 1, to: .a, at: .start, due: .never)
      _ = ledger.copy(lease, version: 2, to: .b, at: .seconds(2), due: .seconds(3))
      guard case .live(let found, _) = ledger.settlement(lease.id, from: winner) else {
        Issue.record("not live")
        continue
      }
      #expect(found == Lease(id: lease.id, version: version, work: work))
      ledger.fulfil(lease.id)
      #expect(ledger.count(heldBy: loser) == 1)  // it is still computing
      #expect(ledger.settlement(lease.id, from: loser) == .duplicate)
      let answered = ledger.answer(lease.id, by: loser)
      #expect(answered?.id == lease.id)
      #expect(ledger.count(heldBy: loser) == 0 && ledger.outstandingCount == 0)
    }
  }

  @Test func workIsReopenedOnlyAfterItsLastHolderLeft() {
    var ledger = Ledger(incarnation: 7)
    let lease = ledger.issue(work, version: 1, to: .a, at: .start, due: .never)
    _ = ledger.copy(lease, version: 1, to: .b, at: .seconds(2), due: .seconds(3))
    #expect(ledger.reclaim(from: .a).isEmpty)
    #expect(ledger.settlement(lease.id, from: .a) == .notGranted)
    #expect(ledger.reclaim(from: .b) == [lease])
    #expect(ledger.settlement(lease.id, from: .b) == .stale)
  }

  @Test func aLeaseReclaimedLongAgoIsADuplicate() {
    var ledger = Ledger(incarnation: 7)
    let first = ledger.issue(work, version: 1, to: .a, at: .start, due: .never)
    _ = ledger.reclaim(from: .a)
    for _ in 0..<2 * Ledger.reclaimedLimit {
      _ = ledger.issue(work, version: 1, to: .b, at: .start, due: .never)
      _ = ledger.reclaim(from: .b)
    }
    #expect(ledger.reclaimedCount == Ledger.reclaimedLimit)
    #expect(ledger.settlement(first.id, from: .a) == .duplicate)
  }
}

/// Workers that are slow, stalled, or ahead of the others.
@Suite struct StragglerTests {
  private func anna(_ server: inout ServerCore, at now: Moment = .start) -> [Lease] {
    server.welcome(.a, at: now)
  }

  @Test func anIdleWorkerGetsACopyOfALateLeaseAtTheNextTick() throws {
    var server = TrainingSettings.tiny().makeServer()
    let held = anna(&server)
    #expect(server.nextTick == nil)
    #expect(server.welcome(.b, name: "bert", incarnation: 2).isEmpty)
    let late = try #require(server.nextTick)
    #expect(late == .seconds(1))  // no lease has been answered yet
    #expect(server.handle(.tick, at: .seconds(0.99)).leases(to: .b).isEmpty)
    let effects = server.handle(.tick, at: late)
    #expect(effects.leases(to: .b) == held)
    #expect(effects.reports == [.reissued(1, reason: "its holder is late")])
    #expect(server.audit.leasesReissued == 1)
    #expect(server.nextTick == nil)
  }

  /// It sends heartbeats, but they show no progress.
  @Test func aStalledWorkerIsEvicted() {
    var server = TrainingSettings.tiny().makeServer(
      policy: Policy(timing: Timing(stall: .seconds(10))))
    _ = anna(&server)
    for second in 1...10 {
      let beat = Message.heartbeat(Heartbeat(progress: min(UInt64(second), 2)))
      let effects =
        server.handle(.received(beat, from: .a), at: .seconds(Double(second)))
        + server.handle(.tick, at: .seconds(Double(second)))
      #expect(effects.refusal(to: .a) == nil)
    }
    _ = server.handle(.received(.heartbeat(Heartbeat(progress: 2)), from: .a), at: .seconds(12))
    #expect(server.handle(.tick, at: .seconds(12)).refusal(to: .a) == nil)
    let effects = server.handle(.tick, at: .seconds(12.1))
    #expect(effects.refusal(to: .a)?.reason == .stalled)
    #expect(server.members.count == 0 && server.audit.leasesReissued == 1)
  }

  @Test func anIdleWorkerIsNotStalled() {
    var server = TrainingSettings.tiny().makeServer(policy: Policy(minimumWorkers: 2))
    _ = anna(&server)
    for second in 1...60 {
      let beat = Message.heartbeat(Heartbeat(progress: 0))
      _ = server.handle(.received(beat, from: .a), at: .seconds(Double(second)))
      #expect(server.handle(.tick, at: .seconds(Double(second))).refusal(to: .a) == nil)
    }
  }

  @Test(arguments: [0, 1, 3] as [UInt64], UInt64(1)...4)
  func aWorkerIsNeverFurtherAheadThanTheBoundAllows(bound: UInt64, seed: UInt64) throws {
    var settings = TrainingSettings.tiny(.bounded, steps: 30)
    settings.stalenessBound = bound
    var cluster = Cluster(settings, workers: 3, shuffle: seed)
    try cluster.run { cluster in
      let counts = cluster.server.members.members.filter(\.isReady).map(\.completed)
      // A worker at the bound computes one more batch and then waits.
      #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= bound + 1)
      return cluster.outcome != nil
    }
    #expect(cluster.appliedBatches.sorted() == Array(0..<30))
  }

  /// The result of the worker that is behind will not be applied: the other one need not wait.
  @Test func aWorkerWhoseLeaseAnotherHasAnsweredDoesNotCount() throws {
    var settings = TrainingSettings.tiny(.bounded, steps: 40)
    settings.stalenessBound = 1
    var server = settings.makeServer()
    var leases = anna(&server)
    let slow = try #require(server.welcome(.b, name: "bert", incarnation: 2).first)
    var time = Duration.zero
    while server.version < 20, time < .seconds(10) {
      time += .milliseconds(10)
      let effects = try leases.flatMap {
        server.push(try server.zeros($0), from: .a, at: .start.advanced(by: time))
      }
      leases = (effects + server.handle(.tick, at: .start.advanced(by: time))).leases(to: .a)
    }
    #expect(server.version == 20 && server.audit.leasesReissued == 1)
    #expect(server.leastCompleted == server.members[.a]?.completed)
    // It continues at the place of the other one, which waits for it again from then on.
    #expect(server.verdict(on: try server.zeros(slow), from: .b) == .duplicate)
    #expect(server.members[.b]?.completed == server.members[.a]?.completed)
    #expect(server.ledger.count(heldBy: .b) == 1)
  }

  @Test(arguments: UInt64(1)...6)
  func aGradientThatIsTooOldIsComputedAgain(seed: UInt64) throws {
    var settings = TrainingSettings.tiny(.async, steps: 40)
    settings.maximumStaleness = 1
    var cluster = Cluster(settings, workers: 4, shuffle: seed)
    try cluster.run()
    #expect(cluster.steps.allSatisfy { $0.staleness <= 1 })
    #expect(cluster.appliedBatches.sorted() == Array(0..<40))
    #expect(cluster.server.audit.staleRefused > 0)
    #expect(cluster.server.audit.isBalanced(epochSize: 37))
  }
}
