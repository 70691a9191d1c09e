import Numerics
import Testing
import Wire
import ZeroMQ

@testable import Processes

@Suite struct FaultyConnectionTests {
  private static let hello = Message.hello(Hello(name: "a", incarnation: 1, dataset: "d"))
  private static let push = Message.push(
    Push(id: id, version: 0, sums: [SampleSums()]))
  private static let id = LeaseID(incarnation: 1, counter: 1)

  private static func grant(_ leases: Int) -> Message {
    let work = Work.train(batch: 0, slices: 0..<1)
    return .grant(
      Grant(leases: (0..<leases).map { _ in Lease(id: id, version: 0, work: work) }, version: 0))
  }

  /// Number of crashes after each of `messages`, which are sent, or received, in turn.
  private func crashes(
    at point: String, _ messages: [Message], received: Bool
  ) throws -> [Int] {
    let (crashes, base) = (CrashCounter(), RecordingConnection())
    let connection = FaultyConnection(base, trigger: crashes.trigger(at: point))
    return try messages.map { message in
      let message = NumberedMessage(message, number: 1)
      if received {
        base.deliveries = [.message(message)]
        #expect(try connection.receive() == .message(message))
      } else {
        base.crashes = crashes
        try connection.send(message)
      }
      return crashes.count
    }
  }

  @Test func aHelloIsNotSentWhenItsCrashPointIsReached() throws {
    let counts = try crashes(at: "hello:2", [Self.hello, .ready, Self.hello], received: false)
    #expect(counts == [0, 0, 1])
    #expect(try sentBeforeTheCrash(Self.hello, at: "hello") == 0)
  }

  @Test func aPushIsSentBeforeItsCrashPointIsReached() throws {
    let counts = try crashes(at: "push:2", [Self.push, Self.hello, Self.push], received: false)
    #expect(counts == [0, 0, 1])
    #expect(try sentBeforeTheCrash(Self.push, at: "push") == 1)
  }

  @Test func eachLeaseOfAGrantIsAVisit() throws {
    let grants = [Self.grant(2), Self.grant(0), Self.grant(1)]
    #expect(try crashes(at: "grant:2", grants, received: true) == [1, 1, 1])
    #expect(try crashes(at: "grant:3", grants, received: true) == [0, 0, 1])
    #expect(try crashes(at: "grant:4", grants, received: true) == [0, 0, 0])
  }

  @Test func aWelcomeIsAVisitWhenItIsReceived() throws {
    let welcome = Message.welcome(Stub.welcome)
    #expect(try crashes(at: "welcome", [Self.grant(1), welcome], received: true) == [0, 1])
    #expect(try crashes(at: "welcome", [welcome], received: false) == [0])
  }

  @Test func withoutACrashPointTheConnectionIsNotDecorated() {
    let base = RecordingConnection()
    #expect(WorkerFaults().inject(into: base) === base)
    #expect(WorkerFaults(crash: CrashPoint("push")).inject(into: base) !== base)
  }

  @Test func otherCallsAreForwarded() throws {
    let base = RecordingConnection()
    let connection = FaultyConnection(base, trigger: CrashTrigger(at: nil))
    #expect(connection.endpoint == base.endpoint)
    #expect(try connection.receive() == nil)
    base.deliveries = [.malformed(reason: "noise")]
    #expect(try connection.receive() == .malformed(reason: "noise"))
    try connection.reconnect()
    #expect(try connection.tryNext())
    #expect(connection.locationFault == base.locationFault)
    #expect(try connection.takeEvents() == [.connected])
    var poller = Poller<Int>()
    connection.add(to: &poller, as: 0)
    #expect(base.calls == ["reconnect", "next", "events", "add"])
  }

  private func sentBeforeTheCrash(_ message: Message, at point: String) throws -> Int? {
    let (crashes, base) = (CrashCounter(), RecordingConnection())
    base.crashes = crashes
    let connection = FaultyConnection(base, trigger: crashes.trigger(at: point))
    try connection.send(NumberedMessage(message, number: 1))
    return base.sentBeforeCrash
  }
}

/// A connection that records its calls and delivers what a test prepares.
private final class RecordingConnection: Connection {
  let endpoint = "inproc://recording"
  var deliveries: [Delivery] = []
  var calls: [String] = []
  var crashes: CrashCounter?
  /// Number of messages sent while no crash had been triggered.
  var sentBeforeCrash = 0

  func send(_ message: NumberedMessage) throws(ZeroMQError) {
    if crashes?.count == 0 { sentBeforeCrash += 1 }
  }

  func receive() throws(ZeroMQError) -> Delivery? {
    deliveries.isEmpty ? nil : deliveries.removeFirst()
  }

  func reconnect() throws(ZeroMQError) { calls.append("reconnect") }

  var locationFault: ConnectionFault? {
    ConnectionFault(.unpublished, endpoint: endpoint)
  }

  func tryNext() throws(ZeroMQError) -> Bool {
    calls.append("next")
    return true
  }

  func takeEvents() throws(ZeroMQError) -> [ConnectionMonitor.Event] {
    calls.append("events")
    return [.connected]
  }

  func add<Key>(to poller: inout Poller<Key>, as key: Key) { calls.append("add") }
}
