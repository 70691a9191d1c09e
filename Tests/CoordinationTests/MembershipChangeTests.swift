import Coordination
import Learning
import Numerics
import Testing
import Wire

/// Workers that join late, leave, are evicted, or push twice, in the middle of a synchronous run.
@Suite struct MembershipChangeTests {
  private let settings = TrainingSettings.tiny(steps: 8, evaluateEvery: 3)
  private let shuffles: [UInt64?] = [nil, 1, 2, 3]

  /// Runs a cluster of two workers to the middle of the third step, applies `change`, and expects
  /// the final weights of an undisturbed run.
  private func expectUnchangedWeights(
    by change: (inout Cluster) -> Void, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> [Cluster] {
    let expected = sequentialWeights(settings)
    return try shuffles.map { seed in
      var cluster = Cluster(settings, workers: 2, shuffle: seed)
      try cluster.run { $0.server.version == 2 && $0.workers[0].isBusy }
      change(&cluster)
      try cluster.run()
      #expect(cluster.outcome == .completed, sourceLocation: sourceLocation)
      #expect(cluster.weights == expected, sourceLocation: sourceLocation)
      #expect(cluster.steps.map(\.step) == Array(1...8), sourceLocation: sourceLocation)
      return cluster
    }
  }

  @Test func aWorkerThatJoinsInTheMiddleGetsWorkAndChangesNoBit() throws {
    for cluster in try expectUnchangedWeights(by: { $0.join() }) {
      #expect(cluster.steps.last?.workers == 3)
      #expect(cluster.workers[2].ending == .completed)
    }
  }

  @Test func aWorkerThatLeavesChangesNoBit() throws {
    let clusters = try expectUnchangedWeights { $0.deliver(0, .stop(reason: "maintenance")) }
    for cluster in clusters {
      #expect(cluster.workers[0].ending == .stopped)
      #expect(cluster.departures.first == "maintenance")
      #expect(cluster.steps.last?.workers == 1)
    }
  }

  @Test func theWorkOfAWorkerThatFailsIsReissued() throws {
    let clusters = try expectUnchangedWeights { $0.deliver(0, .failed(reason: "out of memory")) }
    for cluster in clusters {
      #expect(cluster.workers[0].ending == .failed("out of memory"))
      #expect(cluster.departures.first == "out of memory")
    }
  }

  @Test func theWorkOfASilentWorkerIsCopiedBeforeItIsEvicted() throws {
    for cluster in try expectUnchangedWeights(by: { $0.kill(0) }) {
      let last = try #require(
        cluster.reports.last { if case .stepped = $0.report { true } else { false } })
      #expect(last.time < .seconds(1))
      #expect(cluster.server.audit.leasesReissued > 0)
    }
  }

  @Test func aWorkerWhoseConnectionClosesIsEvictedAtOnce() throws {
    for cluster in try expectUnchangedWeights(by: { $0.disconnect(0) }) {
      #expect(cluster.departures.first == "its connection was lost")
      let departure = try #require(
        cluster.reports.first { if case .left = $0.report { true } else { false } })
      #expect(departure.time < Moment(nanoseconds: 1_000_000_000))
    }
  }

  @Test func aRunWithoutWorkersWaitsForTheNextOne() throws {
    let clusters = try expectUnchangedWeights { cluster in
      cluster.disconnect(0)
      cluster.disconnect(1)
      cluster.join()
    }
    for cluster in clusters { #expect(cluster.steps.last?.workers == 1) }
  }

  @Test func anEvictedWorkerRejoinsWithTheSameIncarnation() throws {
    let expected = sequentialWeights(settings)
    for seed in shuffles {
      var cluster = Cluster(settings, workers: 2, shuffle: seed)
      try cluster.run { $0.server.version == 2 && $0.workers[0].isBusy }
      cluster.deliver(.unreachable(cluster.workers[0].peer))
      #expect(cluster.server.members.count == 1)
      try cluster.run()
      #expect(cluster.weights == expected)
      #expect(cluster.workers.allSatisfy { $0.ending == .completed })
    }
  }

  /// A partition that heals: both sides end the session, and no result is counted twice.
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
    #expect(cluster.departures.prefix(2).allSatisfy { $0 == "no message for 5.0 seconds" })
    #expect(cluster.workers.allSatisfy { $0.ending == .completed })
  }

  @Test(arguments: [UInt64?.none, 1, 2, 3])
  func aRepeatedPushCountsOnce(seed: UInt64?) throws {
    var cluster = Cluster(settings, workers: 3, shuffle: seed)
    cluster.workers[1].tamper = { [$0, $0] }
    try cluster.run()
    #expect(cluster.weights == sequentialWeights(settings))
    #expect(cluster.verdicts.contains(.duplicate))
    #expect(cluster.verdicts.allSatisfy { $0 == .applied || $0 == .duplicate || $0 == .stale })
    #expect(cluster.steps.map(\.sums.count).allSatisfy { $0 == 10 })
  }

  /// Workers join, leave and are killed at random throughout the run.
  @Test(arguments: UInt64(1)...12)
  func anyHistoryOfFaultsGivesTheSameWeights(seed: UInt64) throws {
    #expect(try runWithRandomFaults(settings, seed: seed).weights == sequentialWeights(settings))
  }
}
