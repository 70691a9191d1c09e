import Learning
import Numerics
import Testing
import Wire

@testable import Coordination

/// The state of a run, for peers that ask.
@Suite struct RunStatusTests {
  private let settings = TrainingSettings.tiny(steps: 12, evaluateEvery: 5)

  private func inquire(
    _ server: inout ServerCore, from peer: PeerID, by credential: Credential? = nil
  ) -> [ServerCore.Effect] {
    server.handle(.received(NumberedMessage(.inquiry, number: 0), from: peer, by: credential))
  }

  @Test func everyPeerWithoutASessionIsAnsweredAndChangesNothing() throws {
    var server = settings.makeServer()
    _ = server.welcome(.b)
    let roles: [Credential.Role?] = [nil, .worker, .observer]
    for role in roles {
      let credential = role.map { Credential(name: "eye", role: $0) }
      let effects = inquire(&server, from: .a, by: credential)
      guard case .status(let status)? = effects.messages(to: .a).first else {
        Issue.record("no status for \(String(describing: role)): \(effects)")
        continue
      }
      #expect(status.phase == .training && status.step == 0 && status.steps == 12)
      #expect(status.workers == 1 && status.readyWorkers == 1 && status.neededWorkers == 1)
      #expect(status.loss.isNaN && status.samplesPerSecond == 0)
      #expect(effects.numbers(to: .a) == [0] && effects.reports.isEmpty)
      // The connection of an observer stays open for its next inquiry.
      #expect(effects.disconnected == (role == .observer ? [] : [.a]))
    }
    #expect(server.members.count == 1)
  }

  @Test func anInquiryInASessionEndsIt() {
    var server = settings.makeServer()
    _ = server.welcome(.a)
    let effects = inquire(&server, from: .a)
    #expect(effects.refusal(to: .a)?.reason == .malformed)
    #expect(server.members.count == 0)
  }

  @Test func theRunWaitsForTheWorkersThatItNeeds() {
    var server = settings.makeServer(policy: Policy(startWith: 2))
    #expect(server.status(at: .start).phase == .waiting)
    #expect(server.status(at: .start).neededWorkers == 2)
    _ = server.welcome(.a)
    #expect(server.status(at: .start).phase == .waiting)
    #expect(server.status(at: .start).readyWorkers == 1)
    _ = server.welcome(.b, name: "bert", incarnation: 2)
    #expect(server.status(at: .start).phase == .training)
    _ = server.handle(.unreachable(.b))
    #expect(server.status(at: .start).phase == .training, "one is enough to continue")
    _ = server.handle(.unreachable(.a))
    #expect(server.status(at: .start).phase == .waiting)
  }

  @Test func updatesEvaluationsAndTheEndAreShown() throws {
    var cluster = Cluster(settings, workers: 2)
    try cluster.run { $0.server.version == 3 }
    let training = cluster.server.status(at: cluster.now)
    #expect(training.phase == .training && training.step == 3)
    #expect(training.loss.isFinite && (0...1).contains(training.accuracy))
    #expect(training.samples == 3 * cluster.server.batchSamples)
    try cluster.run { !$0.server.course.isEvaluated }
    let evaluating = cluster.server.status(at: cluster.now)
    #expect(evaluating.phase == .evaluating && evaluating.step == 5)
    #expect(evaluating.samplesPerSecond == 0)
    try cluster.run()
    let end = cluster.server.status(at: cluster.now)
    #expect(end.phase == .complete && end.step == 12 && end.evaluationTotal == 0)
    #expect(end.workers == 0)
  }

  @Test func aRunThatStopsIsStopped() {
    var server = settings.makeServer()
    _ = server.handle(.stop(reason: "a test"))
    #expect(server.status(at: .start).phase == .stopped)
  }

  @Test func theSpeedIsThatOfTheLastSecondOfTraining() {
    var recent = RecentProgress()
    let step = { (number: UInt64, seconds: Double) in
      recent.note(
        .stepped(
          StepReport(
            step: number, steps: 100, epoch: 0,
            sums: SampleSums(lossSum: 1, correct: 1, count: 10), learningRate: 1, gradientNorm: 1,
            staleness: number, workers: 1)), at: .seconds(seconds))
    }
    step(1, 10)
    #expect(recent.samplesPerSecond(at: .seconds(10)) == 0)
    step(2, 10.5)
    #expect(recent.samplesPerSecond(at: .seconds(10.5)) == 20)
    step(3, 11)
    #expect(recent.samplesPerSecond(at: .seconds(60)) == 20)
    recent.note(.evaluated(step: 3, []), at: .seconds(90))
    step(4, 100)
    for number in 5...14 { step(UInt64(number), 100 + Double(number - 4) / 10) }
    #expect(abs(recent.samplesPerSecond(at: .seconds(101)) - 100) < 1e-6)
    #expect(recent.stalenessMaximum == 14 && recent.stalenessMean == 7.5)
  }
}
