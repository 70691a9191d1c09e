import Coordination
import Learning
import Numerics
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
    _ = core.handle(.received(.welcome(.sample())))
    if !leases.isEmpty { _ = core.handle(.received(.grant(.of(leases)))) }
    return core
  }

  // MARK: Greeting

  @Test func anUnansweredHelloIsRepeatedOnNewConnectionsUntilTheTimeout() {
    var core = greeting()
    var log: [String] = []
    for second in stride(from: 0.5, through: 13, by: 0.5) {
      for text in core.handle(.tick, at: .seconds(second)).descriptions {
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
    let effects = core.handle(.received(.welcome(.sample())))
    #expect(effects.descriptions == ["prepare", "send ready"])
  }

  @Test func aSecondWelcomeIsIgnored() {
    var core = serving()
    #expect(core.handle(.received(.welcome(.sample()))).isEmpty)
  }

  @Test(arguments: RefusalReason.allCases.filter { $0 != .unknownMember })
  func aRefusalEndsTheWorkerWithItsReason(reason: RefusalReason) {
    for var core in [greeting(), serving(), serving(holding: [1])] {
      let refusal = Refusal(reason: reason, detail: "because")
      let effects = core.handle(.received(.refusal(refusal)))
      #expect(effects.ending == .refused(reason, detail: "because"))
      #expect(effects.count == 1)
      #expect(core.handle(.tick, at: .seconds(99)).isEmpty)
    }
  }

  // MARK: Serving

  @Test func aGrantIsLoadedAndItsLeasesComputedInOrder() {
    var core = serving()
    var effects = core.handle(.received(.grant(.of([4, 5], version: 3, weights: true))))
    #expect(effects.isEmpty && core.contact == .welcomed)
    effects = core.handle(.received(.piece(.of(0))))
    #expect(effects.isEmpty)
    effects = core.handle(.received(.piece(.of(1))))
    #expect(effects.descriptions == ["load 3", "compute 4", "compute 5"])
    #expect(core.contact == .serving)
    #expect(core.handle(.computed(.of(4))).descriptions == ["send push 4"])
    #expect(core.handle(.computed(.of(5))).descriptions == ["send push 5"])
  }

  /// A lease of the weights that the worker has is computed before those that wait.
  @Test func leasesWaitForTheirWeightsInOrder() {
    var core = serving()
    #expect(core.handle(.received(.grant(.of([1])))).descriptions == ["compute 1"])
    #expect(core.handle(.received(.grant(.of([2], version: 5, weights: true)))).isEmpty)
    #expect(core.handle(.received(.grant(.of([3], version: 5)))).isEmpty)
    #expect(core.handle(.received(.piece(.of(0)))).isEmpty)
    let effects = core.handle(.received(.piece(.of(1))))
    #expect(effects.descriptions == ["load 5", "compute 2", "compute 3"])
  }

  /// The first piece of the weights may be part of the grant.
  @Test func aGrantMayContainTheFirstPiece() {
    var core = serving()
    var grant = Grant.of([2], version: 5, weights: true)
    grant.firstPiece = Piece.of(0).values
    #expect(core.handle(.received(.grant(grant))).isEmpty)
    let effects = core.handle(.received(.piece(.of(1))))
    #expect(effects.descriptions == ["load 5", "compute 2"])
  }

  @Test func piecesOutOfOrderEndTheWorkerWithTheReason() {
    var core = serving()
    _ = core.handle(.received(.grant(.of([2], version: 5, weights: true))))
    let effects = core.handle(.received(.piece(.of(1))))
    guard case .failed(let reason) = effects.ending else {
      Issue.record("\(effects.descriptions)")
      return
    }
    #expect(reason.contains("piece 1 of transfer 1 instead of piece 0 of transfer 1"))
  }

  /// The window is that of two pieces: the third waits for an acknowledgement.
  @Test func gradientsAreSentAsFarAsTheWindowAllows() {
    var core = serving(holding: [1])
    let result = LeaseResult.of(1).with(parts: [
      Contribution(
        slices: 0..<1,
        values: PiecewiseVector([1, 2, 3, 4, 5, 6], limits: TransferLimits(pieceElements: 2)))
    ])
    let effects = core.handle(.computed(result))
    #expect(effects.descriptions == ["send push 1", "send piece 1.1"])
    #expect(core.handle(.tick, at: .seconds(0.5)).isEmpty)
    // Numbers: 1 hello, 2 ready, 3 push with the first piece, 4 the second piece.
    let ack = NumberedMessage(.acknowledgement, number: 0, acknowledged: 4)
    #expect(core.handle(.received(ack)).isEmpty)  // outside the session
    let answer = NumberedMessage(.acknowledgement, number: 1, acknowledged: 3)
    #expect(core.handle(.received(answer)).descriptions == ["send piece 1.2"])
  }

  /// A worker that is asked to stop sends its last result completely.
  @Test func aFarewellFollowsTheLastPiece() {
    var core = serving(holding: [1])
    let result = LeaseResult.of(1).with(parts: [
      Contribution(
        slices: 0..<1,
        values: PiecewiseVector([1, 2, 3, 4, 5, 6], limits: TransferLimits(pieceElements: 2)))
    ])
    #expect(core.handle(.stop(reason: "enough")).isEmpty)
    #expect(core.handle(.computed(result)).ending == nil)
    let answer = NumberedMessage(.acknowledgement, number: 1, acknowledged: 4)
    let effects = core.handle(.received(answer))
    #expect(
      effects.descriptions == ["send piece 1.2", "send farewell enough", "finish stopped"])
  }

  @Test func aResultOfALeaseThatIsNotHeldIsNotPushed() {
    var core = serving(holding: [1])
    #expect(core.handle(.computed(.of(2))).isEmpty)
    #expect(core.handle(.computed(.of(1))).descriptions == ["send push 1"])
    #expect(core.handle(.computed(.of(1))).isEmpty)
  }

  @Test func heartbeatsFollowTheServersIntervalAndContainTheProgress() {
    var core = greeting()
    _ = core.handle(.received(.welcome(.sample(heartbeat: 500))))
    _ = core.handle(.received(.grant(.of([1]))))
    #expect(core.handle(.tick, at: .seconds(0.4)).isEmpty)
    #expect(core.handle(.tick, at: .seconds(0.5)).descriptions == ["send heartbeat 0"])
    _ = core.handle(.progressed(7), at: .seconds(0.6))
    #expect(core.handle(.tick, at: .seconds(0.9)).isEmpty)
    #expect(core.handle(.tick, at: .seconds(1)).descriptions == ["send heartbeat 7"])
  }

  @Test func heartbeatsContinueWhileALeaseIsComputed() {
    var core = serving(holding: [1])
    for second in 1...4 {
      _ = core.handle(.received(.heartbeat(Heartbeat(progress: 0))), at: .seconds(Double(second)))
      let effects = core.handle(.tick, at: .seconds(Double(second)))
      #expect(effects.descriptions == ["send heartbeat 0"])
    }
  }

  /// The time is that of the last welcome, not the one for the first server.
  @Test func aWorkerLooksForALostServerForItsPatience() {
    var core = greeting()
    _ = core.handle(.received(.welcome(.sample(patience: 100_000))))
    var last: (second: Double, effects: [WorkerCore.Effect]) = (0, [])
    for second in stride(from: 1.0, through: 120, by: 1) {
      let effects = core.handle(.tick, at: .seconds(second))
      if !effects.isEmpty { last = (second, effects) }
    }
    #expect(last.second == 106 && last.effects.ending == .unreachable)
  }

  // MARK: A silent or new server

  @Test func aSilentServerIsSentAnotherHelloWithTheModelOfTheLastSession() {
    var core = serving(holding: [1])
    _ = core.handle(.tick, at: .seconds(5))
    let effects = core.handle(.tick, at: .seconds(5.1))
    let model = TrainingSettings.tiny().fingerprint
    #expect(effects.descriptions == ["reconnect", "send hello of model \(model)"])
    #expect(core.handle(.computed(.of(1)), at: .seconds(6)).isEmpty)
    #expect(core.handle(.received(.welcome(.sample())), at: .seconds(7)).count == 2)
    #expect(core.handle(.computed(.of(1)), at: .seconds(8)).isEmpty)
  }

  @Test func theTimeoutForSilenceIsTheServers() {
    var core = greeting()
    _ = core.handle(.received(.welcome(.sample(silence: 20_000))))
    _ = core.handle(.tick, at: .seconds(20))
    #expect(core.handle(.tick, at: .seconds(20.1)).descriptions.first == "reconnect")
  }

  @Test func theConnectTimeoutRestartsWithEachSearch() {
    var core = serving()
    _ = core.handle(.received(.heartbeat(Heartbeat(progress: 0))), at: .seconds(100))
    _ = core.handle(.tick, at: .seconds(106))
    #expect(core.handle(.tick, at: .seconds(117)).ending == nil)
    #expect(core.handle(.tick, at: .seconds(118)).ending == .unreachable)
  }

  @Test func aWorkerThatIsAnUnknownMemberReconnectsAtOnce() {
    var core = serving(holding: [1])
    let refusal = Message.refusal(Refusal(reason: .unknownMember, detail: "send a hello first"))
    let effects = core.handle(.received(refusal))
    #expect(effects.descriptions.map { $0.prefix(9) } == ["reconnect", "send hell"])
    #expect(core.handle(.received(refusal)).isEmpty)
  }

  @Test func aMemberThatWasDisconnectedAtTheEndCompletes() {
    let finished = Message.refusal(Refusal(reason: .finished, detail: "this run has ended"))
    var core = serving()
    _ = core.handle(.tick, at: .seconds(6))
    #expect(core.handle(.received(finished), at: .seconds(7)).ending == .completed)
    var stranger = greeting()
    #expect(
      stranger.handle(.received(finished)).ending
        == .refused(.finished, detail: "this run has ended"))
  }

  @Test func answersToAFormerSessionAreIgnored() {
    var core = serving(holding: [1])
    _ = core.handle(.tick, at: .seconds(6))
    #expect(core.handle(.received(.grant(.of([2], weights: true))), at: .seconds(6)).isEmpty)
    #expect(core.handle(.received(.heartbeat(Heartbeat(progress: 0))), at: .seconds(6)).isEmpty)
    #expect(core.handle(.computed(.of(2)), at: .seconds(6)).isEmpty)
  }

  // MARK: Leaving

  @Test func aDrainedIdleWorkerSendsAFarewellAtOnce() {
    var core = serving()
    let effects = core.handle(.received(.drain(Drain(reason: "done"))))
    #expect(effects.descriptions == ["send farewell done", "finish completed"])
    #expect(core.handle(.tick, at: .seconds(99)).isEmpty)
  }

  @Test func aStoppedWorkerFinishesItsLeasesFirst() {
    var core = serving(holding: [1, 2])
    #expect(core.handle(.stop(reason: "because")).isEmpty)
    #expect(core.handle(.computed(.of(1))).descriptions == ["send push 1"])
    #expect(core.handle(.received(.grant(.of([3])))).isEmpty)
    #expect(
      core.handle(.computed(.of(2))).descriptions
        == ["send push 2", "send farewell because", "finish stopped"])
  }

  @Test func aDrainedWorkerLeavesAtOnceWithoutFinishingItsLeases() {
    var core = serving(holding: [1, 2])
    let effects = core.handle(.received(.drain(Drain(reason: "because"))))
    #expect(effects.descriptions == ["send farewell because", "finish completed"])
    #expect(core.handle(.computed(.of(1))).isEmpty)
  }

  @Test func aStoppedWorkerWaitsForAStalledComputationForABoundedTime() {
    var core = serving(holding: [1])
    #expect(core.handle(.stop(reason: "SIGTERM"), at: .seconds(1)).isEmpty)
    for second in 2...11 {
      _ = core.handle(.received(.heartbeat(Heartbeat(progress: 0))), at: .seconds(Double(second)))
      let effects = core.handle(.tick, at: .seconds(Double(second)))
      #expect(effects.ending == nil)
    }
    #expect(core.handle(.tick, at: .seconds(11.1)).ending == .stopped)
  }

  @Test func aSecondRequestToStopDoesNotWait() {
    var core = serving(holding: [1])
    #expect(core.handle(.stop(reason: "SIGTERM")).isEmpty)
    let effects = core.handle(.stop(reason: "SIGTERM again"))
    #expect(effects.descriptions == ["send farewell SIGTERM again", "finish stopped"])
  }

  @Test func aStoppedWorkerEndsIfTheServerIsSilent() {
    var core = serving(holding: [1])
    _ = core.handle(.stop(reason: "SIGTERM"))
    #expect(core.handle(.tick, at: .seconds(6)).descriptions == ["finish stopped"])
  }

  @Test func aWorkerStoppedBeforeAWelcomeSendsNoFarewell() {
    var core = greeting()
    #expect(core.handle(.stop(reason: "SIGTERM")).descriptions == ["finish stopped"])
  }

  @Test func aFailedComputationEndsTheWorkerWithItsReason() {
    var core = serving(holding: [1, 2])
    let effects = core.handle(.failed(reason: "no memory"))
    #expect(effects.descriptions == ["send farewell no memory", "finish failed no memory"])
  }

  @Test func invalidBytesEndTheWorker() {
    var core = serving()
    let effects = core.handle(.malformed(reason: "checksum"))
    #expect(effects.ending == .failed("checksum"))
    #expect(effects.descriptions.first?.hasPrefix("send farewell") == true)
  }

  @Test func aServersFarewellEndsTheWorker() {
    var core = serving(holding: [1])
    let effects = core.handle(.received(.farewell(Farewell(reason: "closing"))))
    #expect(effects.descriptions == ["finish completed"])
  }

  // MARK: Limits

  /// Leases that wait for weights and leases that are computed count alike.
  @Test(arguments: [false, true])
  func aServerThatGrantsTooManyLeasesIsLeft(waits: Bool) {
    var core = serving()
    if waits { _ = core.handle(.received(.grant(.of([], weights: true)))) }
    for start in stride(from: UInt64(0), to: 256, by: 64) {
      let effects = core.handle(.received(.grant(.of(Array(start..<start + 64)))))
      #expect(effects.count == (waits ? 0 : 64) && effects.ending == nil)
    }
    let ending = core.handle(.received(.grant(.of([256])))).ending
    guard case .failed(let reason) = ending else {
      Issue.record("\(String(describing: ending))")
      return
    }
    #expect(reason.contains("more than 256 leases"))
  }

  @Test func aServerThatAnnouncesTooManyWeightsIsLeft() {
    var core = serving()
    for _ in 0..<256 {
      #expect(core.handle(.received(.grant(.of([], weights: true)))).ending == nil)
    }
    #expect(core.handle(.received(.grant(.of([], weights: true)))).ending != nil)
  }

  // MARK: The end

  /// The last message releases the credit for further pieces of a result.
  @Test(arguments: [
    Message.farewell(Farewell(reason: "")), .refusal(Refusal(reason: .stalled, detail: "")),
  ])
  func nothingFollowsTheEnd(last: Message) {
    var core = serving(holding: [1])
    let gradient = PiecewiseVector(
      plain: Array(repeating: 1, count: 40), limits: TransferLimits(pieceElements: 2))
    let result = LeaseResult(
      id: LeaseID(incarnation: 9, counter: 1), version: 0, sums: [SampleSums(count: 1)],
      contributions: [Contribution(slices: 0..<1, values: gradient)])
    let sent = core.handle(.computed(result))
    #expect(sent.descriptions == ["send push 1", "send piece 1.1"])
    let effects = core.handle(.received(NumberedMessage(last, number: 1, acknowledged: 4)))
    #expect(effects.count == 1 && effects.ending != nil, "\(effects.descriptions)")
  }
}
