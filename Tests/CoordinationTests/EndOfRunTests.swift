import Coordination
import Testing
import Wire

@Suite struct EndOfRunTests {
  @Test(arguments: Mode.allCases, [1, 3])
  func aRunEndsWithDrainFarewellsAndCompletion(mode: Mode, count: Int) throws {
    var cluster = Cluster(.tiny(mode), workers: count)
    try cluster.run()
    #expect(cluster.outcome == .completed)
    #expect(cluster.workers.allSatisfy { $0.ending == .completed })
    #expect(cluster.departures == Array(repeating: "the run is complete", count: count))
    #expect(cluster.server.members.count == 0)
  }

  @Test(arguments: Mode.allCases)
  func aRunThatIsStoppedEndsAsStopped(mode: Mode) throws {
    var cluster = Cluster(.tiny(mode, steps: 50), workers: 2)
    try cluster.run { $0.server.version >= 3 && $0.workers[1].isBusy }
    cluster.deliver(.stop(reason: "SIGTERM"))
    let weights = cluster.weights
    try cluster.run()
    #expect(cluster.outcome == .stopped)
    #expect(cluster.weights == weights)
    #expect(cluster.departures == ["SIGTERM", "SIGTERM"])
    #expect(cluster.workers.allSatisfy { $0.ending == .completed })
  }

  @Test func aRunThatIsStoppedWithoutWorkersEndsAtOnce() {
    var server = TrainingSettings.tiny().makeServer()
    let effects = server.handle(.stop(reason: "SIGINT"))
    #expect(effects.outcome == .stopped)
    #expect(server.handle(.tick).isEmpty)
    #expect(server.handle(.stop(reason: "again")).isEmpty)
  }

  @Test func aWorkerThatDoesNotAnswerTheDrainDelaysTheEndByTheFarewellTimeout() throws {
    let timing = Timing(farewell: .seconds(2))
    var cluster = Cluster(.tiny(steps: 50), workers: 2, policy: Policy(timing: timing))
    try cluster.run { $0.server.version == 3 }
    cluster.kill(1)
    let stop = cluster.now
    cluster.deliver(.stop(reason: "SIGTERM"))
    try cluster.run()
    #expect(cluster.outcome == .stopped)
    #expect(cluster.now.since(stop) >= .seconds(2))
    #expect(cluster.now.since(stop) <= .milliseconds(2200))
  }

  @Test func aResultPushedAfterTheEndIsStale() throws {
    var cluster = Cluster(.tiny(steps: 50), workers: 1)
    try cluster.run { $0.server.version == 3 && $0.workers[0].hasResultInFlight }
    cluster.deliver(.stop(reason: "SIGTERM"))
    try cluster.run()
    #expect(cluster.verdicts.last == .stale)
    #expect(cluster.server.version == 3)
    #expect(cluster.server.audit.staleRefused == 1)
  }

  @Test func leasesHeldAtTheEndDoNotDelayAWorker() throws {
    var cluster = Cluster(.tiny(steps: 50), workers: 1)
    try cluster.run { $0.server.version == 3 && $0.workers[0].isBusy }
    cluster.deliver(.stop(reason: "SIGTERM"))
    try cluster.run { $0.outcome != nil }
    #expect(cluster.workers[0].isBusy && cluster.workers[0].ending == .completed)
  }

  @Test func aHelloAfterTheEndIsRefused() {
    var server = TrainingSettings.tiny().makeServer()
    _ = server.handle(.received(.hello(.sample()), from: .a))
    _ = server.handle(.stop(reason: "SIGTERM"))
    let effects = server.handle(.received(.hello(.sample(name: "late", incarnation: 9)), from: .b))
    #expect(effects.refusal(to: .b)?.reason == .finished)
  }

  @Test func onlyTheFirstReasonToEndIsUsed() {
    var server = TrainingSettings.tiny().makeServer()
    _ = server.handle(.received(.hello(.sample()), from: .a))
    let first = server.handle(.stop(reason: "first"))
    #expect(first.messages(to: .a) == [.drain(Drain(reason: "first"))])
    #expect(server.handle(.stop(reason: "second")).messages(to: .a).isEmpty)
    let effects = server.handle(.received(.farewell(Farewell(reason: "first")), from: .a))
    #expect(effects.outcome == .stopped)
  }

  @Test func nothingIsSentAfterTheDrain() {
    var server = TrainingSettings.tiny().makeServer()
    _ = server.welcome(.a)
    _ = server.handle(.tick)
    _ = server.handle(.stop(reason: "SIGTERM"))
    #expect(server.handle(.tick, at: .seconds(1.5)).isEmpty)
    #expect(server.handle(.received(.ready, from: .a), at: .seconds(1.6)).isEmpty)
    #expect(server.handle(.tick, at: .seconds(2)).outcome == .stopped)
    #expect(server.handle(.received(.hello(.sample()), from: .b), at: .seconds(3)).isEmpty)
  }

  /// A server that resumes from a state with all updates made completes at once.
  @Test func aRunWithNothingLeftIsComplete() throws {
    let settings = TrainingSettings.tiny(steps: 2)
    var cluster = Cluster(settings, workers: 1)
    try cluster.run()
    let last = try #require(cluster.checkpoints.last)
    var server = ServerCore(last, dataset: TinyData().description, incarnation: 2)
    #expect(server.handle(.tick).outcome == .completed)
  }
}
