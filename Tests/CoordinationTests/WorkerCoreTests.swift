import Coordination
import Learning
import Testing
import Wire

@Suite struct WorkerCoreTests {
  private let timing = Timing(silence: .seconds(5), connect: .seconds(12))

  private func greeting() -> WorkerCore {
    var effects: [WorkerCore.Effect] = []
    let core = WorkerCore(hello: .sample(), timing: timing, at: .start, effects: &effects)
    #expect(effects.descriptions == ["send hello of model 0"])
    return core
  }

  private func serving(holding leases: [UInt64] = []) -> WorkerCore {
    var core = greeting()
    _ = core.hear(.received(.welcome(.sample())))
    if !leases.isEmpty { _ = core.hear(.received(.grant(.of(leases)))) }
    return core
  }

  // MARK: Greeting

  @Test func aGreetingIsRepeatedOnANewConnectionUntilPatienceEnds() {
    var core = greeting()
    var log: [String] = []
    for second in stride(from: 0.5, through: 13, by: 0.5) {
      for text in core.hear(.tick, at: .seconds(second)).descriptions {
        log.append("\(second) \(text)")
      }
    }
    #expect(
      log == [
        "1.0 reconnect", "1.0 send hello of model 0", "3.0 reconnect", "3.0 send hello of model 0",
        "7.0 reconnect", "7.0 send hello of model 0", "12.0 finish unreachable",
      ])
  }

  @Test func aWelcomeIsAnsweredWithReady() {
    var core = greeting()
    let effects = core.hear(.received(.welcome(.sample())))
    #expect(effects.descriptions == ["prepare", "send ready"])
  }

  @Test func aSecondWelcomeIsIgnored() {
    var core = serving()
    #expect(core.hear(.received(.welcome(.sample()))).isEmpty)
  }

  @Test(arguments: RefusalReason.allCases.filter { $0 != .unknownMember })
  func aRefusalEndsTheWorkerWithItsReason(reason: RefusalReason) {
    for var core in [greeting(), serving(), serving(holding: [1])] {
      let refusal = Refusal(reason: reason, detail: "because")
      let effects = core.hear(.received(.refusal(refusal)))
      #expect(effects.ending == .refused(reason, detail: "because"))
      #expect(effects.count == 1)
      #expect(core.hear(.tick, at: .seconds(99)).isEmpty)
    }
  }

  // MARK: Serving

  @Test func aGrantIsLoadedAndComputedInItsOrder() {
    var core = serving()
    let effects = core.hear(.received(.grant(.of([4, 5], version: 3, weights: true))))
    #expect(effects.descriptions == ["load 3", "compute 4", "compute 5"])
    #expect(core.hear(.computed(.of(4))).descriptions == ["send push 4"])
    #expect(core.hear(.computed(.of(5))).descriptions == ["send push 5"])
  }

  @Test func aResultThatNobodyWaitsForIsNotPushed() {
    var core = serving(holding: [1])
    #expect(core.hear(.computed(.of(2))).isEmpty)
    #expect(core.hear(.computed(.of(1))).descriptions == ["send push 1"])
    #expect(core.hear(.computed(.of(1))).isEmpty)
  }

  @Test func heartbeatsComeInTheServersTimeAndTellTheProgress() {
    var core = greeting()
    _ = core.hear(.received(.welcome(.sample(heartbeat: 500))))
    _ = core.hear(.received(.grant(.of([1]))))
    #expect(core.hear(.tick, at: .seconds(0.4)).isEmpty)
    #expect(core.hear(.tick, at: .seconds(0.5)).descriptions == ["send heartbeat 0"])
    _ = core.hear(.progressed(7), at: .seconds(0.6))
    #expect(core.hear(.tick, at: .seconds(0.9)).isEmpty)
    #expect(core.hear(.tick, at: .seconds(1)).descriptions == ["send heartbeat 7"])
  }

  @Test func heartbeatsGoOnWhileALeaseIsComputed() {
    var core = serving(holding: [1])
    for second in 1...4 {
      _ = core.hear(.received(.heartbeat(Heartbeat(progress: 0))), at: .seconds(Double(second)))
      let effects = core.hear(.tick, at: .seconds(Double(second)))
      #expect(effects.descriptions == ["send heartbeat 0"])
    }
  }

  // MARK: A silent or new server

  @Test func aSilentServerIsGreetedAnewWithTheModelOfTheLastSession() {
    var core = serving(holding: [1])
    _ = core.hear(.tick, at: .seconds(5))
    let effects = core.hear(.tick, at: .seconds(5.1))
    let model = TrainingSettings.tiny().fingerprint
    #expect(effects.descriptions == ["reconnect", "send hello of model \(model)"])
    #expect(core.hear(.computed(.of(1)), at: .seconds(6)).isEmpty)
    #expect(core.hear(.received(.welcome(.sample())), at: .seconds(7)).count == 2)
    #expect(core.hear(.computed(.of(1)), at: .seconds(8)).isEmpty)
  }

  @Test func theSilenceIsTheOneThatTheServerNamed() {
    var core = greeting()
    _ = core.hear(.received(.welcome(.sample(silence: 20_000))))
    _ = core.hear(.tick, at: .seconds(20))
    #expect(core.hear(.tick, at: .seconds(20.1)).descriptions.first == "reconnect")
  }

  @Test func patienceBeginsAnewWithEachSearch() {
    var core = serving()
    _ = core.hear(.received(.heartbeat(Heartbeat(progress: 0))), at: .seconds(100))
    _ = core.hear(.tick, at: .seconds(106))
    #expect(core.hear(.tick, at: .seconds(117)).ending == nil)
    #expect(core.hear(.tick, at: .seconds(118)).ending == .unreachable)
  }

  @Test func aServerThatDoesNotKnowTheWorkerIsGreetedAnewAtOnce() {
    var core = serving(holding: [1])
    let refusal = Message.refusal(Refusal(reason: .unknownMember, detail: "say hello first"))
    let effects = core.hear(.received(refusal))
    #expect(effects.descriptions.map { $0.prefix(9) } == ["reconnect", "send hell"])
    #expect(core.hear(.received(refusal)).isEmpty)
  }

  @Test func aWorkerThatWasAwayAtTheEndIsNotAFailure() {
    let over = Message.refusal(Refusal(reason: .finished, detail: "this run is at its end"))
    var core = serving()
    _ = core.hear(.tick, at: .seconds(6))
    #expect(core.hear(.received(over), at: .seconds(7)).ending == .completed)
    var stranger = greeting()
    #expect(
      stranger.hear(.received(over)).ending
        == .refused(.finished, detail: "this run is at its end"))
  }

  @Test func answersThatComeLateAreIgnored() {
    var core = serving(holding: [1])
    _ = core.hear(.tick, at: .seconds(6))
    #expect(core.hear(.received(.grant(.of([2], weights: true))), at: .seconds(6)).isEmpty)
    #expect(core.hear(.received(.heartbeat(Heartbeat(progress: 0))), at: .seconds(6)).isEmpty)
    #expect(core.hear(.computed(.of(2)), at: .seconds(6)).isEmpty)
  }

  // MARK: Leaving

  @Test func aDrainedWorkerWithoutWorkSaysFarewellAtOnce() {
    var core = serving()
    let effects = core.hear(.received(.drain(Drain(reason: "done"))))
    #expect(effects.descriptions == ["send farewell done", "finish completed"])
    #expect(core.hear(.tick, at: .seconds(99)).isEmpty)
  }

  @Test func whoeverLeavesFinishesAllLeasesInHandFirst() {
    var core = serving(holding: [1, 2])
    #expect(core.hear(.stop(reason: "why")).isEmpty)
    #expect(core.hear(.computed(.of(1))).descriptions == ["send push 1"])
    #expect(core.hear(.received(.grant(.of([3])))).isEmpty)
    #expect(
      core.hear(.computed(.of(2))).descriptions
        == ["send push 2", "send farewell why", "finish stopped"])
  }

  @Test func whoeverIsDrainedLeavesAtOnceForNobodyWaitsForItsResults() {
    var core = serving(holding: [1, 2])
    let effects = core.hear(.received(.drain(Drain(reason: "why"))))
    #expect(effects.descriptions == ["send farewell why", "finish completed"])
    #expect(core.hear(.computed(.of(1))).isEmpty)
  }

  @Test func whoeverLeavesWaitsForAHungComputationOnlySoLong() {
    var core = serving(holding: [1])
    #expect(core.hear(.stop(reason: "SIGTERM"), at: .seconds(1)).isEmpty)
    for second in 2...11 {
      _ = core.hear(.received(.heartbeat(Heartbeat(progress: 0))), at: .seconds(Double(second)))
      let effects = core.hear(.tick, at: .seconds(Double(second)))
      #expect(effects.ending == nil)
    }
    #expect(core.hear(.tick, at: .seconds(11.1)).ending == .stopped)
  }

  @Test func aSecondRequestToStopDoesNotWait() {
    var core = serving(holding: [1])
    #expect(core.hear(.stop(reason: "SIGTERM")).isEmpty)
    let effects = core.hear(.stop(reason: "SIGTERM again"))
    #expect(effects.descriptions == ["send farewell SIGTERM again", "finish stopped"])
  }

  @Test func whoeverLeavesWhileTheServerIsSilentJustEnds() {
    var core = serving(holding: [1])
    _ = core.hear(.stop(reason: "SIGTERM"))
    #expect(core.hear(.tick, at: .seconds(6)).descriptions == ["finish stopped"])
  }

  @Test func whoeverStopsBeforeAWelcomeHasNobodyToTell() {
    var core = greeting()
    #expect(core.hear(.stop(reason: "SIGTERM")).descriptions == ["finish stopped"])
  }

  @Test func whatCannotBeComputedEndsTheWorkerWithItsReason() {
    var core = serving(holding: [1, 2])
    let effects = core.hear(.failed(reason: "no memory"))
    #expect(effects.descriptions == ["send farewell no memory", "finish failed no memory"])
  }

  @Test func bytesThatAreNoMessageEndTheWorker() {
    var core = serving()
    let effects = core.hear(.malformed(reason: "checksum"))
    #expect(effects.ending == .failed("checksum"))
    #expect(effects.descriptions.first?.hasPrefix("send farewell") == true)
  }

  @Test func aServersFarewellEndsTheWorker() {
    var core = serving(holding: [1])
    let effects = core.hear(.received(.farewell(Farewell(reason: "closing"))))
    #expect(effects.descriptions == ["finish completed"])
  }
}
