import Coordination
import Testing
import Wire

@Suite struct EndOfRunTests {
  @Test(arguments: Mode.allCases, [1, 3])
  func aRunEndsWithDrainFarewellAndCompletion(mode: Mode, count: Int) throws {
    var cluster = Cluster(.tiny(mode), workers: count)
    try cluster.run()
    #expect(cluster.outcome == .completed)
    #expect(cluster.workers.allSatisfy { $0.ending == .completed })
    #expect(cluster.losses == Array(repeating: "the run is complete", count: count))
    #expect(cluster.server.members.count == 0)
  }

  @Test(arguments: Mode.allCases)
  func aRunThatIsStoppedEndsAsStopped(mode: Mode) throws {
    var cluster = Cluster(.tiny(mode, steps: 50), workers: 2)
    try cluster.run { $0.server.version >= 3 && $0.workers[1].isBusy }
    cluster.tell(.stop(reason: "SIGTERM"))
    let weights = cluster.weights
    try cluster.run()
    #expect(cluster.outcome == .stopped)
    #expect(cluster.weights == weights)
    #expect(cluster.losses == ["SIGTERM", "SIGTERM"])
    #expect(cluster.workers.allSatisfy { $0.ending == .completed })
  }

  @Test func aRunThatIsStoppedWithoutWorkersEndsAtOnce() {
    var server = TrainingSettings.tiny().makeServer()
    let effects = server.hear(.stop(reason: "SIGINT"))
    #expect(effects.outcome == .stopped)
    #expect(server.hear(.tick).isEmpty)
    #expect(server.hear(.stop(reason: "again")).isEmpty)
  }

  @Test func whoeverNeverAnswersTheDrainDelaysTheEndByTheTimeOfFarewellsOnly() throws {
    let timing = Timing(farewell: .seconds(2))
    var cluster = Cluster(.tiny(steps: 50), workers: 2, policy: Policy(timing: timing))
    try cluster.run { $0.server.version == 3 }
    cluster.kill(1)
    let stop = cluster.now
    cluster.tell(.stop(reason: "SIGTERM"))
    try cluster.run()
    #expect(cluster.outcome == .stopped)
    #expect(cluster.now.since(stop) >= .seconds(2))
    #expect(cluster.now.since(stop) <= .milliseconds(2200))
  }

  @Test func whatIsPushedAfterTheEndIsStale() throws {
    var cluster = Cluster(.tiny(steps: 50), workers: 1)
    try cluster.run { $0.server.version == 3 && $0.workers[0].hasResultOnItsWay }
    cluster.tell(.stop(reason: "SIGTERM"))
    try cluster.run()
    #expect(cluster.verdicts.last == .stale)
    #expect(cluster.server.version == 3)
    #expect(cluster.server.audit.staleRefused == 1)
  }

  @Test func whatAWorkerHoldsAtTheEndKeepsItNot() throws {
    var cluster = Cluster(.tiny(steps: 50), workers: 1)
    try cluster.run { $0.server.version == 3 && $0.workers[0].isBusy }
    cluster.tell(.stop(reason: "SIGTERM"))
    try cluster.run { $0.outcome != nil }
    #expect(cluster.workers[0].isBusy && cluster.workers[0].ending == .completed)
  }

  @Test func nobodyIsWelcomedAtTheEnd() {
    var server = TrainingSettings.tiny().makeServer()
    _ = server.hear(.received(.hello(.sample()), from: .a))
    _ = server.hear(.stop(reason: "SIGTERM"))
    let effects = server.hear(.received(.hello(.sample(name: "late", incarnation: 9)), from: .b))
    #expect(effects.refusal(to: .b)?.reason == .finished)
  }

  @Test func theFirstReasonToEndCounts() {
    var server = TrainingSettings.tiny().makeServer()
    _ = server.hear(.received(.hello(.sample()), from: .a))
    let first = server.hear(.stop(reason: "first"))
    #expect(first.messages(to: .a) == [.drain(Drain(reason: "first"))])
    #expect(server.hear(.stop(reason: "second")).messages(to: .a).isEmpty)
    let effects = server.hear(.received(.farewell(Farewell(reason: "first")), from: .a))
    #expect(effects.outcome == .stopped)
  }

  @Test func afterTheDrainNothingMoreIsSent() {
    var server = TrainingSettings.tiny().makeServer()
    _ = server.welcome(.a)
    _ = server.hear(.tick)
    _ = server.hear(.stop(reason: "SIGTERM"))
    #expect(server.hear(.tick, at: .seconds(1.5)).isEmpty)
    #expect(server.hear(.received(.ready, from: .a), at: .seconds(1.6)).isEmpty)
    #expect(server.hear(.tick, at: .seconds(2)).outcome == .stopped)
    #expect(server.hear(.received(.hello(.sample()), from: .b), at: .seconds(3)).isEmpty)
  }

  /// A server that resumes from a state with all updates made completes at once.
  @Test func aRunWithNothingLeftIsComplete() throws {
    let settings = TrainingSettings.tiny(steps: 2)
    var cluster = Cluster(settings, workers: 1)
    try cluster.run()
    let last = try #require(cluster.checkpoints.last)
    var server = ServerCore(last, dataset: TinyData().description, incarnation: 2)
    #expect(server.hear(.tick).outcome == .completed)
  }
}
