import Bytes
import Foundation
import Numerics
import Testing
import ZeroMQ

/// The proxy does what it says, and nothing more, to a router and a dealer.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct ChaosProxyTests {
  @Test func withoutFaultsAllPassesBothWays() throws {
    let meeting = try Meeting()
    for length in [0, 1, 255, 256, 70_000, 3_000_000] {
      try meeting.ask([pattern(length), [1], pattern(length)])
      #expect(try meeting.heard() == [pattern(length), [1], pattern(length)])
      try meeting.answer([[2], pattern(length)])
      #expect(try meeting.answered() == [[2], pattern(length)])
    }
    #expect(meeting.proxy.connections == 1 && meeting.proxy.faults.isEmpty)
  }

  // Within the greeting, at its end, in the handshake, in the message.
  @Test(arguments: [0, 1, 63, 64, 80, 200, 5000], [Fault.cut, .truncate])
  func whatIsCutArrivesWholeOrNotAtAllAndTheDealerComesBack(byte: Int, fault: Fault) throws {
    let meeting = try Meeting(.first(fault, at: byte))
    try meeting.insist(pattern(10_000))
    // The half that is forwarded may hold the first message, if copies of it follow.
    try meeting.insist(pattern(9_999))
    #expect(meeting.proxy.faults == [fault])
    #expect(meeting.proxy.connections == 2)
  }

  @Test func aCutByTheTestEndsTheConnectionsOfThisMoment() throws {
    let meeting = try Meeting()
    try meeting.ask([[1]])
    #expect(try meeting.heard() == [[1]])
    #expect(try meeting.monitor.takeDisconnections() == 0)
    meeting.proxy.inject(.cut)
    try meeting.waitForAnEnd()
    try meeting.insist([2])
    #expect(meeting.proxy.connections == 2 && meeting.proxy.faults == [.cut])
  }

  @Test func aDelayHoldsBackAndChangesNothing() throws {
    let meeting = try Meeting()
    try meeting.ask([[1]])
    #expect(try meeting.heard() == [[1]])
    meeting.proxy.inject(.delay(milliseconds: 150))
    let start = ContinuousClock.now
    try meeting.ask([[2]])
    try meeting.ask([[3]])
    #expect(try meeting.heard() == [[2]])
    #expect(ContinuousClock.now - start >= .milliseconds(150))
    #expect(try meeting.heard() == [[3]])
    #expect(meeting.proxy.connections == 1)
  }

  @Test func whileAllIsStalledNothingPassesAndNothingEnds() throws {
    let meeting = try Meeting()
    try meeting.ask([[1]])
    #expect(try meeting.heard() == [[1]])
    meeting.proxy.isStalled = true
    try meeting.ask([[2]])
    try meeting.answer([[3]])
    #expect(try !meeting.hasNews(within: 100))
    #expect(try meeting.monitor.takeDisconnections() == 0)
    meeting.proxy.isStalled = false
    #expect(try meeting.heard() == [[2]])
    #expect(try meeting.answered() == [[3]])
    #expect(meeting.proxy.connections == 1)
  }

  @Test func aStallIsOverByItself() throws {
    let stall = Fault.stall(milliseconds: 100, thenCut: false)
    let meeting = try Meeting(.first(stall, at: 64))
    let start = ContinuousClock.now
    try meeting.ask([[1]])
    #expect(try meeting.heard() == [[1]])
    #expect(ContinuousClock.now - start >= .milliseconds(100))
    #expect(meeting.proxy.connections == 1 && meeting.proxy.faults == [stall])
  }

  @Test func aStallMayEndInACut() throws {
    let stall = Fault.stall(milliseconds: 100, thenCut: true)
    let meeting = try Meeting(.first(stall, at: 300))
    try meeting.insist(pattern(1000))
    #expect(meeting.proxy.connections == 2 && meeting.proxy.faults == [stall])
  }

  @Test(arguments: [0, 1, 255, 256, 100_000])
  func aDuplicateIsTheWholeMessageOnceMore(length: Int) throws {
    // Signs of life in between, which must not be repeated.
    let meeting = try Meeting(.first(.duplicate, at: 64), heartbeatMilliseconds: 1)
    try meeting.ask([[1], pattern(length), []])
    try meeting.ask([[2]])
    #expect(try meeting.heard() == [[1], pattern(length), []])
    #expect(try meeting.heard() == [[1], pattern(length), []])
    #expect(try meeting.heard() == [[2]])
    meeting.proxy.inject(.duplicate)
    try meeting.ask([[3]])
    try meeting.ask([[4]])
    for expected: [[UInt8]] in [[[3]], [[3]], [[4]]] { #expect(try meeting.heard() == expected) }
    #expect(meeting.proxy.faults == [.duplicate, .duplicate])
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func whateverASeedDoesEachMessageIsOneThatWasSent(seed: UInt64) throws {
    let plan = FaultPlan.seeded(seed, connections: 3, bytes: 20_000, longestMilliseconds: 40)
    let meeting = try Meeting(plan)
    for number in 0..<20 {
      let message = pattern(3000 + number)
      try meeting.insist(message)
    }
    #expect(!meeting.proxy.faults.isEmpty)
  }

  @Test func whileTheServerIsNotThereItsWorkersAreTurnedAway() throws {
    let (descriptor, port) = try Loopback.listen()
    close(descriptor)
    let proxy = try ChaosProxy(to: "tcp://127.0.0.1:\(port)")
    let early = try #require(Loopback.connect(Loopback.port(of: proxy.endpoint)))
    #expect(Loopback.receive(early, atMost: 100) == nil)
    close(early)
    #expect(proxy.connections == 0)
  }

  @Test func itsEndIsTheEndOfItsConnections() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    var proxy: ChaosProxy? = try ChaosProxy(to: router.bind("tcp://127.0.0.1:0"))
    let endpoint = try #require(proxy?.endpoint)
    let connection = try #require(Loopback.connect(Loopback.port(of: endpoint)))
    #expect(Loopback.receive(connection, atMost: 1) == [0xFF])
    proxy?.isStalled = true
    proxy = nil
    while Loopback.receive(connection, atMost: 100) != nil {}
    close(connection)
    #expect(try Loopback.connect(Loopback.port(of: endpoint)) == nil)
  }
}

/// Bytes that repeat late.
private func pattern(_ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 31) ^ ($0 >> 8)) }
}

/// A router and a dealer that meet through a proxy.
private final class Meeting {
  let proxy: ChaosProxy
  var monitor: ConnectionMonitor
  private let router: Socket
  private let dealer: Socket
  private var peer: [UInt8] = []
  private var insisted: Set<[[UInt8]]> = []

  init(_ plan: FaultPlan = .none, heartbeatMilliseconds: Int32 = 0) throws {
    var options = SocketOptions()
    options.reconnectMilliseconds = 10
    options.heartbeatMilliseconds = heartbeatMilliseconds
    let context = try Context()
    router = try Socket(.router, context: context, options: options)
    monitor = try ConnectionMonitor(of: router)
    proxy = try ChaosProxy(to: router.bind("tcp://127.0.0.1:0"), plan: plan)
    dealer = try Socket(.dealer, context: context, options: options)
    try dealer.connect(proxy.endpoint)
  }

  func ask(_ frames: [[UInt8]]) throws {
    let isConnected = try isReady(dealer, for: .writable)
    try #require(isConnected, "no connection in time")
    try dealer.send(frames)
  }

  func heard() throws -> [[UInt8]] {
    let frames = try next(on: router)
    peer = frames[0]
    return Array(frames.dropFirst())
  }

  func answer(_ frames: [[UInt8]]) throws { try router.send([peer] + frames) }

  func answered() throws -> [[UInt8]] { try next(on: dealer) }

  /// Sends a message again and again until it is heard; nothing else is but earlier ones.
  func insist(_ message: [UInt8]) throws {
    insisted.insert([message])
    let end = ContinuousClock.now + patience
    while ContinuousClock.now < end {
      if try isReady(dealer, for: .writable, within: 50) { try? dealer.send([message]) }
      while try isReady(router, within: 50) {
        let frames = try heard()
        try #require(insisted.contains(frames), "\(frames.map(\.count)) bytes were never sent")
        if frames == [message] { return }
      }
    }
    Issue.record("never heard, after \(proxy.faults)")
  }

  func waitForAnEnd() throws {
    var poller = Poller<Int>()
    poller.add(monitor, as: 0)
    try #require(!poller.wait(milliseconds: 20_000).isEmpty, "no end in time")
    #expect(try monitor.takeDisconnections() == 1)
  }

  func hasNews(within milliseconds: Int) throws -> Bool {
    var poller = Poller<Int>()
    poller.add(router, as: 0)
    poller.add(dealer, as: 1)
    return try !poller.wait(milliseconds: milliseconds).isEmpty
  }

  private func next(on socket: borrowing Socket) throws -> [[UInt8]] {
    let isHeard = try isReady(socket)
    try #require(isHeard, "nothing in time")
    let frames = try socket.receive(maximumFrames: 9, maximumBytes: 1 << 24)
    return try #require(frames).map(\.array)
  }

  private func isReady(
    _ socket: borrowing Socket, for interest: Readiness = .readable,
    within milliseconds: Int = 20_000
  ) throws -> Bool {
    var poller = Poller<Int>()
    poller.add(socket, as: 0, for: interest)
    return try !poller.wait(milliseconds: milliseconds).isEmpty
  }
}
