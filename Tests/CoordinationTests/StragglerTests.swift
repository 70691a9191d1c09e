import Learning
import Testing
import Wire

@testable import Coordination

@Suite struct PaceTests {
  private let work = Work.train(batch: 0, slices: 0..<1)

  @Test func aLeaseIsLateAfterFourTimesAFastWorkersTime() {
    var pace = Pace()
    pace.record(work, samples: 10, took: .milliseconds(100))
    #expect(pace.allowance(work, samples: 10) == .milliseconds(400))
    #expect(pace.allowance(work, samples: 20) == .milliseconds(800))
  }

  @Test func aSlowWorkerChangesTheAllowanceOnlySlightly() {
    var pace = Pace()
    pace.record(work, samples: 10, took: .milliseconds(100))
    pace.record(work, samples: 10, took: .seconds(1))
    let allowance = pace.allowance(work, samples: 10)
    #expect(allowance > .milliseconds(400) && allowance < .milliseconds(480))
    pace.record(work, samples: 10, took: .milliseconds(50))
    #expect(pace.allowance(work, samples: 10) == .milliseconds(200))
  }

  @Test func theAllowanceIsAtLeastTenMillisecondsAndOneSecondWithoutAnEstimate() {
    var pace = Pace()
    #expect(pace.allowance(work, samples: 1) == .seconds(1))
    pace.record(work, samples: 10, took: .microseconds(10))
    #expect(pace.allowance(work, samples: 10) == .milliseconds(10))
    #expect(pace.allowance(.evaluate(split: .test, samples: 0..<5), samples: 5) == .seconds(1))
  }
}

@Suite struct CopyTests {
  private let work = Work.train(batch: 3, slices: 0..<2)

  @Test func theOldestLateLeaseIsCopiedOnceToAWorkerWithoutIt() {
    var ledger = Ledger(incarnation: 7)
    let first = ledger.issue(work, version: 1, to: .a, at: .start)
    _ = ledger.issue(work, version: 1, to: .a, at: .start)
    func copy(_ peer: PeerID, _ seconds: Double) -> Lease? {
      ledger.copyLate(version: 2, to: peer, at: .seconds(seconds)) { _ in .seconds(1) }
    }
    #expect(copy(.b, 0.9) == nil)
    #expect(copy(.a, 5) == nil)
    #expect(copy(.b, 1) == Lease(id: first.id, version: 2, work: work))
    #expect(ledger.nextLate(for: [.c]) { _ in .seconds(1) } == .seconds(1))  // of the second lease
    #expect(copy(.b, 1)?.id != first.id)
    #expect(copy(.c, 1.5) == nil)
    #expect(ledger.count(heldBy: .b) == 2)
  }

  @Test func theFirstResultOfACopyCountsWithTheWeightsOfItsHolder() {
    for (winner, loser, version) in [(PeerID.a, PeerID.b, 1), (.b, .a, 2)]
      as [(PeerID, PeerID, UInt64)]
    {
      var ledger = Ledger(incarnation: 7)
      let id = ledger.issue(work, version: 1, to: .a, at: .start).id
      _ = ledger.copyLate(version: 2, to: .b, at: .seconds(2)) { _ in .seconds(1) }
      guard case .fulfilled(let lease, _) = ledger.settle(id, from: winner) else {
        Issue.record("not fulfilled")
        continue
      }
      #expect(lease == Lease(id: id, version: version, work: work))
      #expect(ledger.count(heldBy: loser) == 1)  // it is still computing
      #expect(ledger.settle(id, from: loser) == .duplicate)
      #expect(ledger.count(heldBy: loser) == 0 && ledger.outstandingCount == 0)
    }
  }

  @Test func workIsReopenedOnlyAfterItsLastHolderLeft() {
    var ledger = Ledger(incarnation: 7)
    let lease = ledger.issue(work, version: 1, to: .a, at: .start)
    _ = ledger.copyLate(version: 1, to: .b, at: .seconds(2)) { _ in .seconds(1) }
    #expect(ledger.reclaim(from: .a).isEmpty)
    #expect(ledger.settle(lease.id, from: .a) == .notGranted)
    #expect(ledger.reclaim(from: .b) == [lease])
    #expect(ledger.settle(lease.id, from: .b) == .stale)
  }

  @Test func aLeaseReclaimedLongAgoIsADuplicate() {
    var ledger = Ledger(incarnation: 7)
    let first = ledger.issue(work, version: 1, to: .a, at: .start)
    _ = ledger.reclaim(from: .a)
    for _ in 0..<2 * Ledger.reclaimedLimit {
      _ = ledger.issue(work, version: 1, to: .b, at: .start)
      _ = ledger.reclaim(from: .b)
    }
    #expect(ledger.settle(first.id, from: .a) == .duplicate)
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
