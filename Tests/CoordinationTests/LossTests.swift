import Coordination
import Learning
import Numerics
import Testing
import Wire

/// Workers that join late, leave, are lost, or speak twice, in the middle of a synchronous run.
@Suite struct LossTests {
  private let settings = TrainingSettings.tiny(steps: 8, evaluateEvery: 3)
  private let shuffles: [UInt64?] = [nil, 1, 2, 3]

  /// Runs a cluster of two to the middle of the third step, disturbs it there, and expects that
  /// the weights at the end are those of an undisturbed run.
  private func expectUndisturbed(
    by disturb: (inout Cluster) -> Void, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> [Cluster] {
    let expected = sequentialWeights(settings)
    return try shuffles.map { seed in
      var cluster = Cluster(settings, workers: 2, shuffle: seed)
      try cluster.run { $0.server.version == 2 && $0.workers[0].isBusy }
      disturb(&cluster)
      try cluster.run()
      #expect(cluster.outcome == .completed, sourceLocation: sourceLocation)
      #expect(cluster.weights == expected, sourceLocation: sourceLocation)
      #expect(cluster.steps.map(\.step) == Array(1...8), sourceLocation: sourceLocation)
      return cluster
    }
  }

  @Test func aWorkerThatJoinsInTheMiddleGetsWorkAndChangesNoBit() throws {
    for cluster in try expectUndisturbed(by: { $0.join() }) {
      #expect(cluster.steps.last?.workers == 3)
      #expect(cluster.workers[2].ending == .completed)
    }
  }

  @Test func aWorkerThatLeavesChangesNoBit() throws {
    let clusters = try expectUndisturbed { $0.tell(0, .stop(reason: "it is evening")) }
    for cluster in clusters {
      #expect(cluster.workers[0].ending == .stopped)
      #expect(cluster.losses.first == "it is evening")
      #expect(cluster.steps.last?.workers == 1)
    }
  }

  @Test func aWorkerThatCannotComputeLeavesItsWorkToOthers() throws {
    let clusters = try expectUndisturbed { $0.tell(0, .failed(reason: "out of memory")) }
    for cluster in clusters {
      #expect(cluster.workers[0].ending == .failed("out of memory"))
      #expect(cluster.losses.first == "out of memory")
    }
  }

  @Test func theOthersTakeOverFromASilentWorkerLongBeforeItCountsAsLost() throws {
    for cluster in try expectUndisturbed(by: { $0.kill(0) }) {
      let last = try #require(
        cluster.reports.last { if case .stepped = $0.report { true } else { false } })
      #expect(last.time < .seconds(1))
      #expect(cluster.server.audit.leasesReissued > 0)
    }
  }

  @Test func aWorkerWhoseConnectionClosesIsLostAtOnce() throws {
    for cluster in try expectUndisturbed(by: { $0.disconnect(0) }) {
      #expect(cluster.losses.first == "its connection is gone")
      let loss = try #require(
        cluster.reports.first { if case .left = $0.report { true } else { false } })
      #expect(loss.time < Moment(nanoseconds: 1_000_000_000))
    }
  }

  @Test func aRunWithoutWorkersWaitsForTheNextOne() throws {
    let clusters = try expectUndisturbed { cluster in
      cluster.disconnect(0)
      cluster.disconnect(1)
      cluster.join()
    }
    for cluster in clusters { #expect(cluster.steps.last?.workers == 1) }
  }

  @Test func aWorkerThatTheServerGaveUpComesBackUnderTheSameIncarnation() throws {
    let expected = sequentialWeights(settings)
    for seed in shuffles {
      var cluster = Cluster(settings, workers: 2, shuffle: seed)
      try cluster.run { $0.server.version == 2 && $0.workers[0].isBusy }
      cluster.tell(.unreachable(cluster.workers[0].peer))
      #expect(cluster.server.members.count == 1)
      try cluster.run()
      #expect(cluster.weights == expected)
      #expect(cluster.workers.allSatisfy { $0.ending == .completed })
    }
  }

  /// A partition that heals: both sides give each other up, and neither counts anything twice.
  @Test(arguments: [UInt64?.none, 1, 2, 3])
  func aPartitionThatHealsChangesNoBit(seed: UInt64?) throws {
    var cluster = Cluster(settings, workers: 2, shuffle: seed)
    try cluster.run { $0.server.version == 2 && $0.workers[0].isBusy }
    let end = cluster.now.advanced(by: .seconds(8))
    let former = cluster.workers.map(\.peer)
    while cluster.now < end {
      cluster.dropTraffic()
      try cluster.run { $0.workers.contains(where: \.hasTraffic) || $0.now >= end }
    }
    #expect(cluster.server.members.count == 0)
    #expect(zip(cluster.workers, former).allSatisfy { $0.peer != $1 })
    try cluster.run()
    #expect(cluster.weights == sequentialWeights(settings))
    #expect(cluster.losses.prefix(2).allSatisfy { $0 == "it was silent for 5.0 seconds" })
    #expect(cluster.workers.allSatisfy { $0.ending == .completed })
  }

  @Test(arguments: [UInt64?.none, 1, 2, 3])
  func aPushThatComesTwiceCountsOnce(seed: UInt64?) throws {
    var cluster = Cluster(settings, workers: 3, shuffle: seed)
    cluster.workers[1].tamper = { [$0, $0] }
    try cluster.run()
    #expect(cluster.weights == sequentialWeights(settings))
    #expect(cluster.verdicts.contains(.duplicate))
    #expect(cluster.verdicts.allSatisfy { $0 == .applied || $0 == .duplicate || $0 == .stale })
    #expect(cluster.steps.map(\.sums.count).allSatisfy { $0 == 10 })
  }

  /// Workers come, leave and are killed at random all the time.
  @Test(arguments: UInt64(1)...12)
  func anyCourseOfEventsGivesTheSameWeights(seed: UInt64) throws {
    #expect(try disturbedRun(settings, seed: seed).weights == sequentialWeights(settings))
  }
}
