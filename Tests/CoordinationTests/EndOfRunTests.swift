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
  }

  @Test func aRunThatIsStoppedWithoutWorkersEndsAtOnce() {
    var server = TrainingSettings.tiny().makeServer()
    let effects = server.handle(.stop(reason: "SIGINT"))
    #expect(effects.outcome == .stopped)
    #expect(server.handle(.tick).isEmpty)
    #expect(server.handle(.stop(reason: "again")).isEmpty)
  }

  @Test func aWorkerThatDoesNotAnswerTheDrainDelaysTheEndByTheFarewellTimeout() throws {
    var cluster = Cluster(.tiny(steps: 2), workers: 1)
    try cluster.run()
    let policy = Policy(timing: Timing(farewell: .seconds(2)), finalEvaluation: .none)
    var server = ServerCore(
      cluster.server.state, dataset: TinyData().description, incarnation: 2, policy: policy)
    let effects = server.handle(.received(.hello(.sample()), from: .a))
    #expect(effects.messages(to: .a).last == .drain(Drain(reason: "the run is complete")))
    #expect(server.handle(.tick, at: .seconds(1.9)).outcome == nil)
    #expect(server.handle(.received(.ready, from: .a), at: .seconds(1.9)).isEmpty)
    #expect(server.handle(.tick, at: .seconds(2)).outcome == .completed)
  }

  /// A worker that has left cannot help a server that resumes from an earlier state.
  @Test(arguments: [true, false])
  func theWorkersLeaveOnceTheLastStateIsStoredOrCannotBe(succeeds: Bool) throws {
    var cluster = Cluster(.tiny(steps: 2), workers: 2)
    cluster.stores = false
    try cluster.run { $0.checkpoints.last?.isEvaluated == true }
    let end = cluster.now.advanced(by: Timing().farewell)
    try cluster.run { $0.now.advanced(by: .seconds(0.2)) >= end }
    #expect(cluster.outcome == nil && cluster.workers.allSatisfy { $0.ending == nil })
    cluster.store(succeeds: succeeds)
    #expect(cluster.now < end)
    try cluster.run()
    #expect(cluster.outcome == .completed)
    #expect(cluster.workers.allSatisfy { $0.ending == .completed })
  }

  @Test func aDiskThatNeverAnswersDelaysTheEndByTheFarewellTimeout() throws {
    var cluster = Cluster(.tiny(steps: 2), workers: 1)
    cluster.stores = false
    try cluster.run { $0.checkpoints.last?.isEvaluated == true }
    let end = cluster.now.advanced(by: Timing().farewell)
    try cluster.run()
    #expect(cluster.outcome == .completed && cluster.now >= end)
    #expect(cluster.now < end.advanced(by: .seconds(0.5)))
  }

  /// Another server may resume the run, for which the worker looks.
  @Test func aStoppedServerLeavesItsWorkersAtOnce() throws {
    var cluster = Cluster(.tiny(steps: 50), workers: 1)
    try cluster.run { $0.server.version == 3 && $0.workers[0].isBusy }
    cluster.deliver(.stop(reason: "SIGTERM"))
    #expect(cluster.outcome == .stopped && cluster.departures == ["SIGTERM"])
    #expect(cluster.workers[0].ending == nil)
  }

  @Test func nothingIsSentAfterTheEndOfAStoppedServer() {
    var server = TrainingSettings.tiny().makeServer()
    _ = server.welcome(.a)
    _ = server.handle(.tick)
    let effects = server.handle(.stop(reason: "SIGTERM"))
    #expect(effects.refusal(to: .a) == Refusal(reason: .unknownMember, detail: "SIGTERM"))
    #expect(effects.outcome == .stopped)
    #expect(server.handle(.stop(reason: "second")).isEmpty)
    #expect(server.handle(.received(.ready, from: .a), at: .seconds(1)).isEmpty)
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
