import Coordination
import Learning
import Testing
import Wire

@Suite struct AdmissionTests {
  private let settings = TrainingSettings.tiny()

  @Test func aMatchingHelloIsAnsweredWithACompleteWelcome() throws {
    let timing = Timing(heartbeat: .milliseconds(250), silence: .seconds(3))
    var server = settings.makeServer(policy: Policy(timing: timing), incarnation: 77)
    let effects = server.handle(.received(.hello(.sample()), from: .a))
    let welcome = Welcome(
      protocolVersion: 2, incarnation: 77, settings: settings.pairs,
      dataset: TinyData.fingerprint,
      layout: [
        TensorSpec(name: "lstm/kernel", shape: [7, 12], trainable: true),
        TensorSpec(name: "lstm/bias", shape: [12], trainable: true),
        TensorSpec(name: "dense/kernel", shape: [3, 3], trainable: true),
        TensorSpec(name: "dense/bias", shape: [3], trainable: true),
      ], heartbeatMilliseconds: 250, silenceMilliseconds: 3000)
    #expect(effects.messages(to: .a) == [.welcome(welcome)])
    #expect(effects.reports == [.joined(name: "anna", workers: 1)])
    #expect(try TrainingSettings(welcome.settings) == settings)
  }

  /// A message has 32 bits for a time in milliseconds: 49 days.
  @Test func timesOutsideTheRangeOfAMessageAreClamped() {
    for (duration, expected) in [
      (.milliseconds(1500), 1500), (.microseconds(1999), 1), (.zero, 0), (.seconds(-9), 0),
      (.seconds(4_294_967), 4_294_967_000), (.seconds(4_294_968), .max),
      (.seconds(Int64.max), .max),
    ] as [(Duration, UInt32)] {
      var server = settings.makeServer(policy: Policy(timing: Timing(silence: duration)))
      let messages = server.handle(.received(.hello(.sample()), from: .a)).messages(to: .a)
      guard case .welcome(let welcome)? = messages.first else {
        Issue.record("no welcome")
        continue
      }
      #expect(welcome.silenceMilliseconds == expected)
    }
  }

  /// Checks that the hello is refused, with no other effect, and returns the refusal, with the
  /// reason in the server's report.
  private func refusal(of hello: Hello) throws -> Refusal {
    var server = settings.makeServer()
    let effects = server.handle(.received(.hello(hello), from: .a))
    let refusal = try #require(effects.refusal(to: .a))
    #expect(effects.messages(to: .a).count == 1)
    guard case .refused(let kind, "anna", let reason)? = effects.reports.first else {
      Issue.record("\(effects.reports)")
      return refusal
    }
    #expect("\(kind)" == "\(refusal.reason)" && reason.hasPrefix(refusal.detail))
    #expect(server.members.count == 0)
    return Refusal(reason: refusal.reason, detail: reason)
  }

  @Test func workersBeyondTheLimitAreRefused() throws {
    let limit = 3
    var server = settings.makeServer(policy: Policy(maximumWorkers: limit))
    for number in 0..<limit {
      let peer = PeerID([1, UInt8(number)])
      _ = server.handle(.received(.hello(.sample(name: "worker \(number)")), from: peer))
    }
    #expect(server.members.count == limit)
    let refusal = try #require(
      server.handle(.received(.hello(.sample()), from: .a)).refusal(to: .a))
    #expect(refusal.reason == .full)
    #expect(server.members.count == limit)
  }

  @Test func aStrangerIsAnsweredButNotReported() {
    var server = settings.makeServer()
    let beat = Message.heartbeat(Heartbeat(progress: 0))
    let effects = server.handle(.received(beat, from: .a))
    #expect(effects.refusal(to: .a)?.reason == .unknownMember)
    #expect(effects.reports.isEmpty)
    #expect(server.handle(.received(.farewell(Farewell(reason: "bye")), from: .a)).isEmpty)
  }

  @Test func anotherDatasetIsRefusedWithBothFingerprints() throws {
    let refusal = try refusal(of: .sample { $0.dataset = "other digits" })
    #expect(refusal.reason == .dataset)
    #expect(refusal.detail.contains(TinyData.fingerprint))
    #expect(refusal.detail.contains("other digits"))
  }

  @Test func anotherRecipeIsRefusedWithBothNames() throws {
    let refusal = try refusal(of: .sample { $0.recipe = "v3" })
    #expect(refusal.reason == .recipe)
    #expect(
      refusal.detail
        == "the server has another recipe; the worker's is v3, the server's is tutorial")
  }

  @Test func anotherModelIsRefusedWithBothFingerprints() throws {
    let refusal = try refusal(of: .sample { $0.model = 0xBEEF })
    #expect(refusal.reason == .model)
    #expect(refusal.detail.contains("000000000000beef"))
    #expect(refusal.detail.contains(String(settings.fingerprint, radix: 16)))
  }

  @Test func anotherProtocolIsRefusedWithBothRanges() throws {
    let refusal = try refusal(
      of: .sample {
        $0.minimumProtocol = 3
        $0.maximumProtocol = 5
      })
    #expect(refusal.reason == .protocolVersion)
    #expect(refusal.detail.contains("2...2"))
    #expect(refusal.detail.contains("3...5"))
  }

  @Test func aHelloWithTheSameRecipeAndModelIsAdmitted() {
    var server = settings.makeServer()
    let hello = Hello.sample {
      $0.recipe = "tutorial"
      $0.model = settings.fingerprint
      $0.maximumProtocol = 9
    }
    let effects = server.handle(.received(.hello(hello), from: .a))
    #expect(effects.refusal(to: .a) == nil)
    #expect(server.members.count == 1)
  }

  @Test(arguments: [
    Message.ready, .heartbeat(Heartbeat(progress: 1)),
    .push(Push(id: LeaseID(incarnation: 0xABC, counter: 0), version: 0, sums: [])),
    .drain(Drain(reason: "go")),
  ])
  func aStrangerIsRefusedAsAnUnknownMember(message: Message) {
    var server = settings.makeServer()
    _ = server.welcome(.a)
    let effects = server.handle(.received(message, from: .b))
    #expect(effects.refusal(to: .b)?.reason == .unknownMember)
    #expect(effects.messages(to: .a).isEmpty)
    #expect(server.members.count == 1)
    #expect(server.version == 0)
  }

  @Test func theFarewellOfAStrangerNeedsNoAnswer() {
    var server = settings.makeServer()
    #expect(server.handle(.received(.farewell(Farewell(reason: "bye")), from: .b)).isEmpty)
  }

  @Test(arguments: [
    Message.grant(Grant(version: 9)), .drain(Drain(reason: "go")),
    .refusal(Refusal(reason: .full, detail: "no")),
  ])
  func aWorkerThatSendsServerMessagesIsEvictedAndItsWorkReissued(message: Message) {
    var server = settings.makeServer()
    #expect(server.welcome(.a).count == 1)
    #expect(server.welcome(.b, name: "bert", incarnation: 2).isEmpty)
    let effects = server.handle(.received(message, from: .a))
    #expect(effects.refusal(to: .a)?.reason == .malformed)
    #expect(server.members.members.map(\.name) == ["bert"])
    #expect(effects.leases(to: .b).map(\.work) == [.train(batch: 0, slices: 0..<4)])
  }

  @Test func aReconnectingWorkerReplacesItsFormerSession() {
    var server = settings.makeServer()
    let first = server.welcome(.a)
    let again = server.welcome(.b)
    #expect(server.members.members.map(\.peer) == [.b])
    #expect(again.map(\.work) == first.map(\.work))
    #expect(again.map(\.id) != first.map(\.id))
  }

  @Test func twoWorkersMayHaveTheSameName() {
    var server = settings.makeServer()
    _ = server.welcome(.a, incarnation: 1)
    _ = server.welcome(.b, incarnation: 2)
    #expect(server.members.members.map(\.peer) == [.a, .b])
  }

  @Test func aConnectionBelongsToOneMember() {
    var server = settings.makeServer()
    _ = server.welcome(.a, name: "anna", incarnation: 1)
    let effects = server.handle(
      .received(.hello(.sample(name: "bert", incarnation: 2)), from: .a))
    #expect(effects.refusal(to: .a)?.reason == .unknownMember)
    #expect(
      effects.reports.contains(.left(name: "anna", reason: "it sent a second hello", workers: 0)))
    #expect(effects.disconnected == [.a] && server.members.count == 0)
  }

  @Test func malformedBytesOfAStrangerChangeNothing() {
    var server = settings.makeServer()
    let held = server.welcome(.a)
    let effects = server.handle(.malformed(.b, reason: "an HTTP request"))
    #expect(effects.reports == [.ignored(peer: .b, reason: "an HTTP request")])
    #expect(effects.messages(to: .a).isEmpty && effects.messages(to: .b).isEmpty)
    #expect(server.members.count == 1 && held.count == 1)
  }

  /// The content of its message is lost, and the worker would wait for an answer indefinitely.
  @Test func aWorkerThatSendsInvalidBytesIsEvictedAndItsWorkReissued() {
    var server = settings.makeServer()
    let held = server.welcome(.a)
    _ = server.welcome(.b, name: "bert", incarnation: 2)
    let effects = server.handle(.malformed(.a, reason: "checksum"))
    #expect(effects.refusal(to: .a) == Refusal(reason: .malformed, detail: "checksum"))
    #expect(effects.leases(to: .b).map(\.work) == held.map(\.work))
    #expect(server.members.members.map(\.name) == ["bert"])
  }

  @Test func aWorkerGetsNoWorkBeforeItIsReady() {
    var server = settings.makeServer()
    let effects = server.handle(.received(.hello(.sample()), from: .a))
    #expect(effects.grants(to: .a).isEmpty)
    #expect(server.handle(.received(.heartbeat(Heartbeat(progress: 0)), from: .a)).isEmpty)
    #expect(server.handle(.received(.ready, from: .a)).leases(to: .a).count == 1)
  }
}
