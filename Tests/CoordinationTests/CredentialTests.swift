import Learning
import Testing
import Wire

@testable import Coordination

/// What the key of a peer decides: its name, its role, and the reach of a quarantine.
@Suite struct CredentialTests {
  private let settings = TrainingSettings.tiny()
  private static let box = Credential(name: "box")
  private static let shared = Credential(name: "worker", isShared: true)

  private static func hello(
    _ name: String, from peer: PeerID, by credential: Credential?, incarnation: UInt64 = 1
  ) -> ServerCore.Event {
    let hello = Hello.sample(name: name, incarnation: incarnation)
    return .received(NumberedMessage(.hello(hello), number: 0), from: peer, by: credential)
  }

  // MARK: Names

  @Test func aMemberIsNamedByItsKeyFirst() {
    var server = settings.makeServer()
    let effects = server.handle(Self.hello("gpu", from: .a, by: Self.box))
    #expect(effects.reports == [.joined(name: "box/gpu", workers: 1)])
    #expect(server.members[.a]?.name == "box/gpu")
  }

  @Test func membersOfOneNameAreToldApartByNumbers() {
    var server = settings.makeServer()
    for (index, peer) in [PeerID.a, .b, .c].enumerated() {
      _ = server.handle(
        Self.hello("gpu", from: peer, by: Self.shared, incarnation: UInt64(index + 1)))
    }
    let names = [PeerID.a, .b, .c].map { server.members[$0]?.name }
    #expect(names == ["worker/gpu", "worker/gpu#2", "worker/gpu#3"])
    _ = server.handle(.unreachable(.b))
    let next = PeerID([9])
    _ = server.handle(Self.hello("gpu", from: next, by: Self.shared, incarnation: 9))
    #expect(server.members[next]?.name == "worker/gpu#2", "a free number is used again")
  }

  @Test func manyMembersOfOneNameAreToldApart() {
    var server = settings.makeServer()
    for number in 0..<200 as Range<UInt8> {
      _ = server.handle(
        Self.hello("gpu", from: PeerID([7, number]), by: nil, incarnation: UInt64(number) + 1))
    }
    #expect(Set(server.members.members.map(\.name)).count == 200)
  }

  @Test func aNameCannotForgeLinesOfTheLog() {
    var server = settings.makeServer()
    let effects = server.handle(
      Self.hello("x\nworker left\u{1B}[2J\u{202E}\u{2028}", from: .a, by: nil))
    #expect(effects.reports == [.joined(name: "x?worker left?[2J??", workers: 1)])
  }

  /// The incarnation identifies a worker among those of its key: another key cannot take over its
  /// session.
  @Test func aKeyCannotEvictTheWorkerOfAnother() {
    var server = settings.makeServer()
    _ = server.handle(Self.hello("gpu", from: .a, by: Self.box, incarnation: 5))
    _ = server.handle(
      Self.hello("gpu", from: .b, by: Credential(name: "thief"), incarnation: 5))
    #expect(server.members[.a] != nil && server.members[.b] != nil)
    _ = server.handle(Self.hello("gpu", from: .c, by: Self.box, incarnation: 5))
    #expect(server.members[.a] == nil, "the same worker on a new connection")
  }

  // MARK: Refusals

  @Test func aRefusedPeerIsDisconnectedAndCountedByKind() {
    var server = settings.makeServer()
    var hello = Hello.sample()
    hello.dataset = "others"
    let effects = server.handle(
      .received(NumberedMessage(.hello(hello), number: 0), from: .a, by: Self.box))
    #expect(effects.disconnected == [.a])
    guard case .refused(.dataset, "box/anna", _)? = effects.reports.first else {
      Issue.record("\(effects.reports)")
      return
    }
  }

  @Test func aRefusalDoesNotContainPropertiesOfTheRun() throws {
    for change in [
      { $0.dataset = "others" }, { $0.recipe = "v3" }, { $0.model = 1 },
    ] as [(inout Hello) -> Void] {
      var server = settings.makeServer()
      let effects = server.handle(.received(.hello(.sample(change: change)), from: .a))
      let text = try #require(effects.refusal(to: .a)?.detail)
      for secret in [
        TinyData.fingerprint, settings.recipe.name, "\(settings.fingerprint)",
        String(settings.fingerprint, radix: 16),
      ] {
        #expect(!text.contains(secret), "\(text)")
      }
    }
  }

  @Test func aMemberThatEndsIsDisconnected() {
    var server = settings.makeServer()
    _ = server.welcome(.a)
    #expect(server.handle(.malformed(.a, reason: "noise")).disconnected == [.a])
    #expect(server.handle(.malformed(.b, reason: "noise")).disconnected == [.b])
    let beat = Message.heartbeat(Heartbeat(progress: 0))
    #expect(server.handle(.received(beat, from: .c)).disconnected == [.c])
  }

  // MARK: Quarantine

  /// Pushes results that are not finite until the worker is quarantined.
  private func quarantine(_ credential: Credential) -> ServerCore {
    var server = settings.makeServer()
    _ = server.handle(Self.hello("bad", from: .a, by: credential))
    _ = server.handle(
      .received(NumberedMessage(.ready, number: 1), from: .a, by: credential))
    var effects: [ServerCore.Effect] = []
    for _ in 0..<100 where server.members[.a] != nil {
      server.quarantine(
        WorkerIncarnation(name: "\(credential.name)/bad", incarnation: 1), reason: "test",
        effects: &effects)
    }
    #expect(effects.refusal(to: .a)?.reason == .quarantined)
    return server
  }

  @Test func aQuarantineConcernsTheKey() {
    var server = quarantine(Self.box)
    for (name, incarnation) in [("bad", 2), ("other", 3)] as [(String, UInt64)] {
      let effects = server.handle(
        Self.hello(name, from: .b, by: Self.box, incarnation: incarnation))
      #expect(effects.refusal(to: .b)?.reason == .quarantined)
    }
    let other = Credential(name: "honest")
    let effects = server.handle(Self.hello("bad", from: .c, by: other, incarnation: 1))
    #expect(effects.refusal(to: .c) == nil)
    #expect(server.state.quarantine.count == 2, "the key and the incarnation, for the checkpoint")
  }

  @Test func aQuarantineOfASharedKeyConcernsTheIncarnationOnly() {
    var server = quarantine(Self.shared)
    let again = server.handle(Self.hello("bad", from: .b, by: Self.shared, incarnation: 1))
    #expect(again.refusal(to: .b)?.reason == .quarantined)
    let other = server.handle(Self.hello("bad", from: .c, by: Self.shared, incarnation: 2))
    #expect(other.refusal(to: .c) == nil)
  }

  // MARK: Observers

  @Test func anObserverReceivesTheWelcomeAndTheProgressWithoutASession() {
    let observer = Credential(name: "eye", role: .observer)
    var server = settings.makeServer()
    let welcome = server.handle(Self.hello("x", from: .a, by: observer))
    guard case .welcome? = welcome.messages(to: .a).first else {
      Issue.record("no welcome")
      return
    }
    let beat = NumberedMessage(.heartbeat(Heartbeat(progress: 0)), number: 1)
    let effects = server.handle(.received(beat, from: .a, by: observer))
    #expect(effects.messages(to: .a) == [.heartbeat(Heartbeat(progress: 0))])
    #expect(server.members.count == 0 && effects.reports.isEmpty)
    let end = server.handle(
      .received(NumberedMessage(.farewell(Farewell(reason: "")), number: 2), from: .a, by: observer)
    )
    #expect(end.disconnected == [.a])
  }

  @Test func anObserverThatRequestsOrPushesWorkIsRefused() {
    let observer = Credential(name: "eye", role: .observer)
    var server = settings.makeServer()
    _ = server.welcome(.b)
    let before = server.state
    for message in [
      .ready, .acknowledgement,
      .push(Push(id: LeaseID(incarnation: 0xABC, counter: 0), version: 0, sums: [])),
    ] as [Message] {
      let effects = server.handle(
        .received(NumberedMessage(message, number: 1), from: .a, by: observer))
      #expect(effects.refusal(to: .a)?.reason == .malformed)
      #expect(effects.disconnected == [.a])
      guard case .refused(.role, "eye", _)? = effects.reports.first else {
        Issue.record("\(effects.reports)")
        continue
      }
    }
    #expect(server.members.count == 1 && server.state.optimizer.weights == before.optimizer.weights)
    #expect(server.audit == before.audit)
  }
}
