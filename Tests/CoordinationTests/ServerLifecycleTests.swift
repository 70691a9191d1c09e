import Learning
import Testing
import Wire

@testable import Coordination

/// Minimum number of workers, quarantine, checkpoints, and resuming from them.
@Suite struct ServerLifecycleTests {
  private let settings = TrainingSettings.tiny(steps: 12, evaluateEvery: 5)

  // MARK: Attendance

  @Test func noTrainingLeaseIsGrantedBeforeEnoughWorkersJoined() {
    var server = settings.makeServer(policy: Policy(minimumWorkers: 2))
    let first = server.handle(.received(.hello(.sample()), from: .a))
    #expect(first.reports.contains(.waiting(needed: 2, present: 0, names: ["anna"])))
    let ready = server.handle(.received(.ready, from: .a))
    #expect(ready.leases(to: .a).isEmpty)
    #expect(ready.reports == [.waiting(needed: 2, present: 1, names: ["anna"])])
    // A worker that never asks for work does not count.
    let second = server.handle(.received(.hello(.sample(name: "bert", incarnation: 2)), from: .b))
    #expect(second.leases(to: .a).isEmpty)
    #expect(server.handle(.received(.ready, from: .b)).leases(to: .a).count == 1)
    let effects = server.handle(.unreachable(.b))
    #expect(effects.reports.last == .waiting(needed: 2, present: 1, names: ["anna"]))
  }

  /// The number to start with does not halt a run that has started.
  @Test func theStartBarrierOpensOnce() {
    var server = settings.makeServer(policy: Policy(startWith: 2))
    #expect(server.welcome(.a).isEmpty)
    #expect(server.welcome(.b, name: "bert", incarnation: 2).count == 1)
    let effects = server.handle(.unreachable(.b))
    #expect(!effects.leases(to: .a).isEmpty || server.ledger.count(heldBy: .a) == 1)
    #expect(!effects.reports.contains { if case .waiting = $0 { true } else { false } })
  }

  @Test func aRunWithoutWorkersIsCheckpointedAndAbandonedInTime() throws {
    var cluster = Cluster(
      settings, workers: 1, policy: Policy(timing: Timing(absence: .seconds(60))))
    try cluster.run { $0.server.version == 3 && $0.workers[0].isBusy }
    cluster.disconnect(0)
    let end = cluster.now.advanced(by: .seconds(60))
    try cluster.run()
    #expect(cluster.outcome == .abandoned)
    #expect(cluster.now >= end && cluster.now < end.advanced(by: .seconds(1)))
    #expect(cluster.checkpoints.last?.optimizer.step == 3)
  }

  @Test func aRunWithoutFurtherWorkersEndsWhenTheLastOneIsLost() {
    var server = settings.makeServer()
    _ = server.welcome(.a)
    #expect(server.handle(.workersExhausted).outcome == nil)
    #expect(server.handle(.unreachable(.a)).outcome == .abandoned)
  }

  @Test func aClosedConnectionIsProbedForAtOnceAndOnceMore() {
    var server = settings.makeServer()
    _ = server.welcome(.a)
    _ = server.handle(.tick)
    let beat = Message.heartbeat(Heartbeat(progress: 0))
    #expect(server.handle(.disconnected, at: .seconds(0.1)).messages(to: .a) == [beat])
    #expect(server.nextTick == .seconds(0.15))
    #expect(server.handle(.tick, at: .seconds(0.15)).messages(to: .a) == [beat])
    #expect(server.nextTick == nil)
  }

  @Test func aClosedConnectionIsProbedForDuringTheEndAsWell() throws {
    var cluster = Cluster(settings, workers: 1)
    try cluster.run()
    var server = ServerCore(
      cluster.server.state, dataset: TinyData().description, incarnation: 2)
    let effects = server.handle(.received(.hello(.sample()), from: .a))
    #expect(effects.messages(to: .a).last == .drain(Drain(reason: "the run is complete")))
    _ = server.handle(.disconnected, at: .seconds(0.1))
    let beat = Message.heartbeat(server.progress)
    #expect(server.handle(.tick, at: .seconds(0.15)).messages(to: .a) == [beat])
    #expect(server.nextTick == nil)
  }

  @Test func aQuarantinedIncarnationIsRefusedButTheNextOneIsAdmitted() throws {
    var server = settings.makeServer()
    var lease = try #require(server.welcome(.a).first)
    for _ in 0..<3 {
      let invalid = LeaseResult(id: lease.id, version: lease.version, sums: [])
      let effects = server.push(invalid, from: .a)
      guard let next = effects.leases(to: .a).first else {
        #expect(effects.refusal(to: .a)?.reason == .quarantined)
        break
      }
      lease = next
    }
    #expect(server.audit.resultsRejected == 3)
    let again = server.handle(.received(.hello(.sample()), from: .b))
    #expect(again.refusal(to: .b)?.reason == .quarantined)
    let next = server.handle(.received(.hello(.sample(incarnation: 2)), from: .c))
    #expect(next.refusal(to: .c) == nil && server.members.count == 1)
  }

  // MARK: Checkpoints

  private func checkpoints(_ interval: CheckpointInterval) throws -> [UInt64] {
    var cluster = Cluster(settings, workers: 2, policy: Policy(checkpoints: interval))
    try cluster.run()
    return cluster.checkpoints.map(\.optimizer.step)
  }

  @Test func checkpointsFollowTheIntervalOfThePolicy() throws {
    #expect(try checkpoints(.never) == [12])
    #expect(try checkpoints(.steps(4)) == [4, 8, 12, 12])  // and with the last evaluation
    #expect(try checkpoints(.time(.seconds(3600))) == [12])
    #expect(try checkpoints(.time(.milliseconds(1))).starts(with: Array(1...12)))
  }

  /// For every state that it resumes from, the rest of the run equals the uninterrupted one.
  @Test(arguments: [1, 3])
  func resumingFromAnyCheckpointGivesTheSameWeights(count: Int) throws {
    var undisturbed = Cluster(settings, workers: 2, policy: Policy(checkpoints: .steps(1)))
    try undisturbed.run()
    #expect(undisturbed.checkpoints.count == 13)
    for state in undisturbed.checkpoints.dropLast() {
      var cluster = Cluster(resuming: state, workers: count, shuffle: 3)
      try cluster.run()
      #expect(cluster.weights == sequentialWeights(settings))
      #expect(cluster.server.audit.samplesApplied == 120)
      #expect(cluster.server.audit.isBalanced(epochSize: 37))
      let last = try #require(undisturbed.evaluations.last)
      #expect(cluster.evaluations.last?.results == last.results)
      let due = undisturbed.evaluations.map(\.step).filter {
        $0 > state.optimizer.step || ($0 == state.optimizer.step && !state.isEvaluated)
      }
      #expect(cluster.evaluations.map(\.step) == due)
    }
  }

  @Test(arguments: UInt64(1)...4)
  func resumingAnAsynchronousRunLosesAndRepeatsNoBatch(seed: UInt64) throws {
    let settings = TrainingSettings.tiny(.async, steps: 12, evaluateEvery: 5)
    var first = Cluster(settings, workers: 3, policy: Policy(checkpoints: .steps(1)), shuffle: seed)
    try first.run()
    for state in first.checkpoints.dropLast() {
      var cluster = Cluster(resuming: state, workers: 2, shuffle: seed)
      try cluster.run()
      #expect(cluster.outcome == .completed)
      let before = (0..<12).filter { state.applied.contains($0) }
      #expect((before + cluster.appliedBatches).sorted() == Array(0..<12))
      #expect(cluster.server.audit.samplesApplied == 120)
    }
  }
}
