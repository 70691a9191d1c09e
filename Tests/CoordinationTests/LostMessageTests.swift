import Learning
import Testing
import Wire

@testable import Coordination

/// Messages that were lost or repeated, on both sides.
@Suite struct LostMessageTests {
  private func numbered(_ message: Message, _ number: UInt32) -> ServerCore.Event {
    .received(NumberedMessage(message, number: number), from: .a)
  }

  private func welcomed() -> ServerCore {
    var server = TrainingSettings.tiny().makeServer()
    _ = server.handle(numbered(.hello(.sample()), 1))
    return server
  }

  @Test func aWorkerWhoseMessagesWereLostIsEvictedAsUnknown() {
    var server = welcomed()
    let effects = server.handle(numbered(.heartbeat(Heartbeat(progress: 0)), 3))
    #expect(effects.refusal(to: .a)?.reason == .unknownMember)
    #expect(server.members.count == 0)
    let left = Report.left(name: "anna", reason: "messages were lost in transit", workers: 0)
    #expect(effects.reports.contains(left))
  }

  @Test func aRepeatedHelloDoesNotChangeTheMember() {
    var server = welcomed()
    _ = server.handle(numbered(.ready, 2))
    #expect(server.handle(numbered(.hello(.sample()), 1)).isEmpty)
    #expect(server.members[.a]?.isReady == true)
  }

  @Test func theServersMessagesToAWorkerAreNumberedConsecutively() {
    var server = welcomed()
    let effects = server.handle(numbered(.ready, 2)) + server.handle(.tick, at: .seconds(1))
    let numbers = effects.compactMap {
      if case .send(let message, to: .a) = $0 { message.number } else { nil }
    }
    #expect(numbers == [2, 3])  // a grant and a heartbeat; 1 was the welcome
  }

  @Test func aMissedMessageMakesAWorkerReconnect() {
    var effects: [WorkerCore.Effect] = []
    var core = WorkerCore(hello: .sample(), at: .start, effects: &effects)
    _ = core.handle(.received(NumberedMessage(.welcome(.sample()), number: 1)))
    _ = core.handle(.received(NumberedMessage(.grant(.of([1])), number: 2)))
    #expect(core.handle(.received(NumberedMessage(.grant(.of([1])), number: 2))).isEmpty)
    let again = core.handle(.received(NumberedMessage(.grant(.of([2])), number: 4)))
    #expect(again.descriptions.map { $0.prefix(10) } == ["reconnect", "send hello"])
  }

  @Test func aNewSessionCountsFromOneAgain() {
    var effects: [WorkerCore.Effect] = []
    var core = WorkerCore(hello: .sample(), at: .start, effects: &effects)
    effects += core.handle(.tick, at: .seconds(1))
    let numbers = effects.compactMap { if case .send(let sent) = $0 { sent.number } else { nil } }
    #expect(numbers == [1, 1])
  }
}
