import Coordination
import Testing
import Wire

@testable import Simulation

/// Tests that the rules about sessions, credit and messages are violated by corresponding errors.
@Suite struct LinkInvariantTests {
  private let peer = PeerID(connection: 0)

  private func piece(_ number: UInt32, acknowledged: UInt32 = 0) -> NumberedMessage {
    let values = EncodedTensor(float32: [1, 2], shape: [2])
    return NumberedMessage(
      .piece(Piece(transfer: 1, index: 0, values: values)), number: number,
      acknowledged: acknowledged)
  }

  @Test func bytesBeyondTheWindowAreDetected() throws {
    let limits = TransferLimits(pieceElements: 2, windowBytes: 16)
    var pieces = PiecesUnderWay()
    pieces.send(piece(1))
    pieces.send(piece(2))
    try pieces.check(limits)
    pieces.send(piece(3))
    #expect(pieces.bytes == 24)
    #expect(throws: Violation.self) { try pieces.check(limits) }
    pieces.acknowledge(piece(1, acknowledged: 1))
    #expect(pieces.bytes == 16)
    try pieces.check(limits)
  }

  @Test func onePieceMayBeUnderWayWhateverTheWindow() throws {
    var pieces = PiecesUnderWay()
    pieces.send(piece(1))
    try pieces.check(TransferLimits(pieceElements: 2, windowBytes: 0))
  }

  @Test func anEvictionWithoutAFaultIsDetected() throws {
    var cluster = try SimulatedCluster(Scenario(seed: 1).undisturbed(workers: 2))
    cluster.workers[0].isServing = true
    cluster.now = .seconds(100)
    let left = ServerCore.Effect.report(.left(name: "worker-0", reason: "silent", workers: 0))
    let violation = #expect(throws: Violation.self) { try cluster.checkTreatment(of: [left]) }
    #expect(violation?.invariant == .honesty)
    cluster.disturb(0)
    try cluster.checkTreatment(of: [left])
  }

  @Test func aRejectedResultOfAnHonestWorkerIsDetected() throws {
    var cluster = try SimulatedCluster(Scenario(seed: 1).undisturbed(workers: 1))
    func rejected(_ verdict: Verdict) -> [ServerCore.Effect] {
      [.report(.rejected(name: "worker-0", verdict: verdict))]
    }
    try cluster.checkTreatment(of: rejected(.stale))
    let violation = #expect(throws: Violation.self) {
      try cluster.checkTreatment(of: rejected(.rejected("it is wrong")))
    }
    #expect(violation?.invariant == .honesty)
    cluster.workers[0].wasEverFaulty = true
    try cluster.checkTreatment(of: rejected(.rejected("it is wrong")))
  }

  @Test func aSessionThatAWorkerEndsWithoutAFaultIsDetected() throws {
    var cluster = try SimulatedCluster(Scenario(seed: 1).undisturbed(workers: 1))
    cluster.now = .seconds(100)
    try cluster.checkReconnect(0)
    cluster.workers[0].isServing = true
    let violation = #expect(throws: Violation.self) { try cluster.checkReconnect(0) }
    #expect(violation?.invariant == .honesty)
  }

  @Test func aQueueThatIsTooShortForASessionIsDetected() {
    var scenario = Scenario(seed: 1).undisturbed(workers: 1)
    scenario.leaseTimes = [.seconds(2)]
    scenario.faults = [(.seconds(3), .closeStrangers(for: .seconds(4)))]
    scenario.faultsEnd = .seconds(7)
    scenario.link.links = [WorkerLink(toWorker: 800)]
    #expect(Simulator.run(scenario).violation == nil)
    scenario.link.bounds = QueueBounds(sender: 4, receiver: 1, bufferBytes: 0)
    #expect(Simulator.run(scenario).violation?.invariant == .bounds)
  }

  /// The connections of strangers cause many probes. A worker that has not acknowledged enough
  /// messages receives none, and keeps its session.
  @Test func heartbeatsToASlowReaderAreSkipped() {
    var scenario = Scenario(seed: 1).undisturbed(workers: 2)
    scenario.leaseTimes = [.seconds(2), .seconds(2)]
    scenario.faults = [(.seconds(1), .closeStrangers(for: .seconds(4)))]
    scenario.faultsEnd = .seconds(5)
    let counts = [4, Policy().heartbeatLimit].map { limit in
      scenario.policy.heartbeatLimit = limit
      let outcome = Simulator.run(scenario, isLogged: true)
      #expect(outcome.violation == nil)
      return outcome.log.count { $0.contains("server -> 0: ") && $0.contains("heartbeat") }
    }
    #expect(counts[0] < 40 && counts[1] > 70)
  }

  @Test func manyMessagesOrHeartbeatsAreDetected() throws {
    var checker = InvariantChecker(Scenario(seed: 1))
    let event = ServerCore.Event.received(piece(1), from: peer)
    func sending(_ message: Message, _ count: Int) -> [ServerCore.Effect] {
      Array(repeating: .send(NumberedMessage(message, number: 1), to: peer), count: count)
    }
    let moment = Moment(nanoseconds: 1)
    try checker.checkCost(event, sending(.acknowledgement, 4), at: moment)
    let first = #expect(throws: Violation.self) {
      try checker.checkCost(event, sending(.acknowledgement, 5), at: moment)
    }
    let second = #expect(throws: Violation.self) {
      try checker.checkCost(.tick, sending(.heartbeat(Heartbeat(progress: 0)), 31), at: moment)
    }
    #expect(first?.invariant == .cost && second?.invariant == .cost)
  }

  @Test func aFailedWriteThatIsNotRepeatedIsDetected() throws {
    var scenario = Scenario(seed: 1)
    scenario.policy.checkpoints = .time(.seconds(2))
    var checker = InvariantChecker(scenario)
    try checker.restart(from: scenario.initialState)
    checker.history.append(checker.history[0])  // an update that is not written
    func moment(_ seconds: UInt64) -> Moment { Moment(nanoseconds: seconds * 1_000_000_000) }
    let failed = ServerCore.Event.checkpointed(version: 1, isEvaluated: true, succeeded: false)
    try checker.checkWrites(failed, [], at: moment(1))
    try checker.checkWrites(.tick, [], at: moment(3))
    let violation = #expect(throws: Violation.self) {
      try checker.checkWrites(.tick, [], at: moment(5))
    }
    #expect(violation?.invariant == .checkpoints)
    try checker.checkWrites(.tick, [.checkpoint(scenario.initialState)], at: moment(6))
  }
}
