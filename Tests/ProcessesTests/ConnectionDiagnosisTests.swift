import Coordination
import Glibc
import Testing
import Wire
import ZeroMQ

@testable import Processes

/// The facts about a connection determine the fault, and each fault is reported once.
@Suite struct ConnectionDiagnosisTests {
  private static let endpoint = "tcp://127.0.0.1:5600"

  private static func moment(_ seconds: Double) -> Moment {
    Moment(nanoseconds: UInt64((100 + seconds) * 1e9))
  }

  /// The fault of a worker that searches, five seconds after the last event of its connection.
  private func kind(
    _ events: [ConnectionMonitor.Event] = [], probe: EndpointProbe.Phase? = nil,
    wasWithoutWeights: Bool = false, contact: WorkerCore.Contact = .searching
  ) -> ConnectionFault.Kind? {
    var link = LinkState(at: Self.moment(0))
    for event in events { link.apply(event, at: Self.moment(0)) }
    let diagnosis = ConnectionDiagnosis(
      endpoint: Self.endpoint, contact: contact, link: link, probe: probe,
      wasWithoutWeights: wasWithoutWeights)
    return diagnosis.fault(at: Self.moment(5), settling: .seconds(1))?.kind
  }

  @Test func withoutAConnectionTheProbeDecides() {
    #expect(kind() == nil)
    #expect(kind(probe: .connecting) == nil)
    #expect(kind(probe: .finished(.accepted([]))) == nil, "libzmq will connect, too")
    #expect(kind(probe: .finished(.unresolved("why"))) == .unresolved("why"))
    #expect(kind(probe: .finished(.failed(ECONNREFUSED))) == .refused)
    #expect(kind(probe: .finished(.failed(ENOENT))) == .missing)
    #expect(kind(probe: .finished(.failed(EACCES))) == .denied)
    #expect(kind(probe: .finished(.failed(ENETUNREACH))) == .unreachable("Network is unreachable"))
    #expect(kind(probe: .finished(.failed(EHOSTUNREACH))) == .unreachable("No route to host"))
    #expect(kind(probe: .finished(.failed(ETIMEDOUT))) == .timedOut)
    #expect(kind(probe: .finished(.timedOut)) == .timedOut)
    guard case .unresolved = kind(probe: .resolving) else { return #expect(Bool(false)) }
  }

  @Test func aConnectionWithoutAHandshakeIsSilentOrForeign() {
    #expect(kind([.connected]) == .silent)
    #expect(kind([.connected], probe: .finished(.accepted([]))) == .silent)
    let greeting = EndpointProbe.Phase.finished(.accepted(Array("SSH-2.0\u{1}x\r\n..".utf8)))
    #expect(kind([.connected], probe: greeting) == .foreign("SSH-2.0?x"))
    #expect(kind([.connected, .abandoned]) == .foreign(""))
    #expect(kind([.connected, .abandoned, .connected]) == .foreign(""))
  }

  @Test func aHandshakeThatTheLocalSideEndsIsNoAnswerOfThePeer() {
    var link = LinkState(at: Self.moment(0))
    link.apply(.connected, at: Self.moment(0))
    link.apply(.abandoned, at: Self.moment(5))
    #expect(link.stage == .none)
  }

  @Test func aZeroMQSocketThatDoesNotAnswerIsUnanswered() {
    #expect(kind([.connected, .established]) == .unanswered)
    #expect(kind([.connected, .established], wasWithoutWeights: true) == .withoutWeights)
    #expect(kind([.connected, .established, .disconnected]) == nil)
  }

  @Test(arguments: [WorkerCore.Contact.welcomed, .serving])
  func aSessionIsNoFault(contact: WorkerCore.Contact) {
    #expect(kind([.connected], contact: contact) == nil)
  }

  @Test func aNewConnectionIsNoFaultYet() {
    var link = LinkState(at: Self.moment(0))
    link.apply(.connected, at: Self.moment(4.5))
    let diagnosis = ConnectionDiagnosis(endpoint: Self.endpoint, link: link)
    #expect(diagnosis.fault(at: Self.moment(5), settling: .seconds(1)) == nil)
    #expect(diagnosis.fault(at: Self.moment(5))?.kind == .silent, "at the end of the search")
  }

  @Test func eachFaultIsReportedOnceAfterThreeSeconds() {
    var search = ServerSearch(for: "inproc://none", at: Self.moment(0))
    #expect(search.update(.searching, events: [.connected], at: Self.moment(0)) == nil)
    #expect(search.update(.searching, events: [], at: Self.moment(2.9)) == nil)
    #expect(search.update(.searching, events: [], at: Self.moment(3))?.kind == .silent)
    #expect(search.update(.searching, events: [], at: Self.moment(4)) == nil)
    #expect(search.update(.searching, events: [.established], at: Self.moment(5)) == nil)
    #expect(search.update(.searching, events: [], at: Self.moment(6))?.kind == .unanswered)
    #expect(search.update(.searching, events: [], at: Self.moment(7)) == nil)
    #expect(search.fault(at: Self.moment(7))?.kind == .unanswered)
  }

  @Test func aSessionWithoutWeightsIsReportedAtItsEndAndNotRepeated() {
    var search = ServerSearch(for: "inproc://none", at: Self.moment(0))
    for round in 0..<3 {
      let start = Double(round) * 6
      #expect(
        search.update(.searching, events: [.connected, .established], at: Self.moment(start)) == nil
      )
      #expect(search.update(.welcomed, events: [], at: Self.moment(start + 0.1)) == nil)
      #expect(search.update(.welcomed, events: [], at: Self.moment(start + 5)) == nil)
      let fault = search.update(.searching, events: [], at: Self.moment(start + 5.1))
      #expect(fault?.kind == (round == 0 ? .withoutWeights : nil))
    }
  }

  // MARK: Several endpoints

  @Test func anEndpointHasASecondToConnectAndLaterOnesHaveLonger() {
    var search = ServerSearch(for: "inproc://0", at: Self.moment(0))
    var (time, ends) = (0.0, [Double]())
    for attempt in 1...40 {
      while !search.takeAttempt(at: Self.moment(time)) { time += 0.25 }
      ends.append(time)
      search.reconnected(to: "inproc://\(attempt)", at: Self.moment(time))
    }
    let lengths = zip(ends.dropFirst(), ends).map { $0 - $1 }
    #expect(Array(lengths.prefix(4)) == [1, 1, 1, 2])
    #expect(lengths.allSatisfy { $0 >= 1 && $0 <= 5 } && lengths.last == 5)
  }

  @Test func aConnectedEndpointIsNotReplaced() {
    var search = ServerSearch(for: "inproc://0", at: Self.moment(0))
    _ = search.update(.searching, events: [.connected], at: Self.moment(0.5))
    let isOver = search.takeAttempt(at: Self.moment(30))
    _ = search.update(.welcomed, events: [.established], at: Self.moment(31))
    let isOverInASession = search.takeAttempt(at: Self.moment(90))
    #expect(!isOver && !isOverInASession)
  }

  @Test func theFaultOfEachEndpointIsReportedOnce() {
    var search = ServerSearch(for: "inproc://0", at: Self.moment(0))
    var reported: [String] = []
    for round in 0..<12 {
      let (start, endpoint) = (Double(round) * 10, "inproc://\(round % 2)")
      search.reconnected(to: endpoint, at: Self.moment(start))
      for (events, time) in [([ConnectionMonitor.Event.connected], 0.0), ([], 5)] {
        let fault = search.update(.searching, events: events, at: Self.moment(start + time))
        if let fault { reported.append(fault.endpoint) }
      }
    }
    #expect(reported == ["inproc://0", "inproc://1"])
  }

  @Test func aLocationWithoutAServerIsTheFault() {
    var search = ServerSearch(for: "run", at: Self.moment(0))
    let fault = ConnectionFault(.unpublished, endpoint: "run")
    var found: [ConnectionFault?] = []
    for time in [1.0, 3, 4] {
      found.append(
        search.update(.searching, events: [], location: fault, at: Self.moment(time)))
    }
    #expect(found == [nil, fault, nil])
    #expect(search.fault(at: Self.moment(5)) == fault)
  }

  private static let values = EncodedTensor(float32: [1], shape: [1])

  @Test(
    arguments: [
      .piece(Piece(transfer: 1, index: 0, values: values)),
      .grant(Grant(version: 1, hasWeights: true, firstPiece: values)),
    ] as [Message])
  func aSessionThatEndsWithinTheWeightsIsNotOneWithoutThem(part: Message) {
    var search = ServerSearch(for: "inproc://none", at: Self.moment(0))
    #expect(search.update(.welcomed, events: [], at: Self.moment(0)) == nil)
    search.record(part)
    #expect(search.update(.searching, events: [], at: Self.moment(5)) == nil)
  }

  @Test func theServersReasonForTheEndOfASessionIsReported() {
    var search = ServerSearch(for: "inproc://none", at: Self.moment(0))
    #expect(search.update(.serving, events: [], at: Self.moment(0)) == nil)
    search.record(
      .refusal(Refusal(reason: .unknownMember, detail: "no message for 5 seconds")))
    let fault = search.update(.searching, events: [], at: Self.moment(1))
    #expect(fault?.kind == .dropped("no message for 5 seconds"))
    #expect(search.update(.serving, events: [], at: Self.moment(2)) == nil)
    #expect(
      search.update(.searching, events: [], at: Self.moment(3)) == nil, "silence is no reason")
  }

  @Test(arguments: [
    ConnectionFault.Kind.unresolved("why"), .unpublished, .refused, .missing, .denied,
    .unreachable("why"),
    .timedOut, .silent, .foreign("HTTP/1.1"), .foreign(""), .unanswered, .withoutWeights,
    .dropped("why"),
  ])
  func eachTextIsOneLineWithThePlaceAndARemedy(kind: ConnectionFault.Kind) {
    let text = "\(ConnectionFault(kind, endpoint: Self.endpoint))"
    #expect(text.contains(Self.endpoint) && text.contains(";") && !text.contains("\n"))
  }
}
