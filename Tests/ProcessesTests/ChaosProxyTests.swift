import Bytes
import Foundation
import TestSupport
import Testing
import ZeroMQ

/// The proxy injects exactly the requested faults between a router and a dealer.
@Suite(.serialized, .limit(minutes: 2))
struct ChaosProxyTests {
  @Test func withoutFaultsMessagesPassInBothDirections() throws {
    let pair = try ProxiedPair()
    for length in [0, 1, 255, 256, 70_000, 3_000_000] {
      try pair.send([pattern(length), [1], pattern(length)])
      #expect(try pair.received() == [pattern(length), [1], pattern(length)])
      try pair.reply([[2], pattern(length)])
      #expect(try pair.receivedReply() == [[2], pattern(length)])
    }
    #expect(pair.proxy.connections == 1 && pair.proxy.faults.isEmpty)
  }

  // Within the greeting, at its end, in the handshake, in the message.
  @Test(arguments: [0, 1, 63, 64, 80, 200, 5000], [Fault.cut, .truncate])
  func afterACutAMessageArrivesWholeOrNotAtAllAndTheDealerReconnects(byte: Int, fault: Fault) throws
  {
    let pair = try ProxiedPair(.first(fault, at: byte))
    try pair.deliver(pattern(10_000))
    // The forwarded half may contain the first message, if copies of it follow.
    try pair.deliver(pattern(9_999))
    #expect(pair.proxy.faults == [fault])
    #expect(pair.proxy.connections == 2)
  }

  @Test func aCutByTheTestClosesTheCurrentConnections() throws {
    let pair = try ProxiedPair()
    try pair.send([[1]])
    #expect(try pair.received() == [[1]])
    #expect(try pair.monitor.takeDisconnections() == 0)
    pair.proxy.inject(.cut)
    try pair.waitForADisconnection()
    try pair.deliver([2])
    #expect(pair.proxy.connections == 2 && pair.proxy.faults == [.cut])
  }

  @Test func aDelayHoldsMessagesBackAndChangesNothing() throws {
    let pair = try ProxiedPair()
    try pair.send([[1]])
    #expect(try pair.received() == [[1]])
    pair.proxy.inject(.delay(milliseconds: 150))
    let start = ContinuousClock.now
    try pair.send([[2]])
    try pair.send([[3]])
    #expect(try pair.received() == [[2]])
    #expect(ContinuousClock.now - start >= .milliseconds(150))
    #expect(try pair.received() == [[3]])
    #expect(pair.proxy.connections == 1)
  }

  @Test func aStallOfAllConnectionsForwardsNothingAndClosesNone() throws {
    let pair = try ProxiedPair()
    try pair.send([[1]])
    #expect(try pair.received() == [[1]])
    pair.proxy.isStalled = true
    try pair.send([[2]])
    try pair.reply([[3]])
    #expect(try !pair.hasMessage(within: 100))
    #expect(try pair.monitor.takeDisconnections() == 0)
    pair.proxy.isStalled = false
    #expect(try pair.received() == [[2]])
    #expect(try pair.receivedReply() == [[3]])
    #expect(pair.proxy.connections == 1)
  }

  @Test func aStallEndsAfterItsDuration() throws {
    let stall = Fault.stall(milliseconds: 100, thenCut: false)
    let pair = try ProxiedPair(.first(stall, at: 64))
    let start = ContinuousClock.now
    try pair.send([[1]])
    #expect(try pair.received() == [[1]])
    #expect(ContinuousClock.now - start >= .milliseconds(100))
    #expect(pair.proxy.connections == 1 && pair.proxy.faults == [stall])
  }

  @Test func aStallMayEndWithACut() throws {
    let stall = Fault.stall(milliseconds: 100, thenCut: true)
    let pair = try ProxiedPair(.first(stall, at: 300))
    try pair.deliver(pattern(1000))
    #expect(pair.proxy.connections == 2 && pair.proxy.faults == [stall])
  }

  @Test(arguments: [0, 1, 255, 256, 100_000])
  func aDuplicateRepeatsTheWholeMessage(length: Int) throws {
    // With heartbeats in between, which must not be repeated.
    let pair = try ProxiedPair(.first(.duplicate, at: 64), heartbeatMilliseconds: 1)
    try pair.send([[1], pattern(length), []])
    try pair.send([[2]])
    #expect(try pair.received() == [[1], pattern(length), []])
    #expect(try pair.received() == [[1], pattern(length), []])
    #expect(try pair.received() == [[2]])
    pair.proxy.inject(.duplicate)
    try pair.send([[3]])
    try pair.send([[4]])
    for expected: [[UInt8]] in [[[3]], [[3]], [[4]]] { #expect(try pair.received() == expected) }
    #expect(pair.proxy.faults == [.duplicate, .duplicate])
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func withAnySeedEachReceivedMessageIsOneThatWasSent(seed: UInt64) throws {
    let plan = FaultPlan.seeded(seed, connections: 3, bytes: 20_000, longestMilliseconds: 40)
    let pair = try ProxiedPair(plan)
    for number in 0..<20 {
      let message = pattern(3000 + number)
      try pair.deliver(message)
    }
    #expect(!pair.proxy.faults.isEmpty)
  }

  @Test func workersAreDisconnectedWhileTheServerIsNotRunning() throws {
    let (descriptor, port) = try Loopback.listen()
    close(descriptor)
    let proxy = try ChaosProxy(to: "tcp://127.0.0.1:\(port)")
    let early = try #require(Loopback.connect(Loopback.port(of: proxy.endpoint)))
    #expect(Loopback.receive(early, atMost: 100) == nil)
    close(early)
    #expect(proxy.connections == 0)
  }

  @Test func theConnectionsEndWithTheProxy() throws {
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

/// Bytes with a long period.
private func pattern(_ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 31) ^ ($0 >> 8)) }
}

/// A router and a dealer that are connected through a proxy.
private final class ProxiedPair {
  let proxy: ChaosProxy
  var monitor: ConnectionMonitor
  private let router: Socket
  private let dealer: Socket
  private var peer: [UInt8] = []
  private var attempts: Set<[[UInt8]]> = []

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

  func send(_ frames: [[UInt8]]) throws {
    let isConnected = try isReady(dealer, for: .writable)
    try #require(isConnected, "no connection in time")
    try dealer.send(frames)
  }

  func received() throws -> [[UInt8]] {
    let frames = try next(on: router)
    peer = frames[0]
    return Array(frames.dropFirst())
  }

  func reply(_ frames: [[UInt8]]) throws { try router.send([peer] + frames) }

  func receivedReply() throws -> [[UInt8]] { try next(on: dealer) }

  /// Sends a message repeatedly until it is received; only earlier ones may be received before it.
  func deliver(_ message: [UInt8]) throws {
    attempts.insert([message])
    let end = ContinuousClock.now + patience
    while ContinuousClock.now < end {
      if try isReady(dealer, for: .writable, within: 50) { try? dealer.send([message]) }
      while try isReady(router, within: 50) {
        let frames = try received()
        try #require(attempts.contains(frames), "\(frames.map(\.count)) bytes were never sent")
        if frames == [message] { return }
      }
    }
    Issue.record("never received, after \(proxy.faults)")
  }

  func waitForADisconnection() throws {
    var poller = Poller<Int>()
    poller.add(monitor, as: 0)
    let events = try poller.wait(milliseconds: patienceMilliseconds)
    try #require(!events.isEmpty, "no disconnection in time")
    #expect(try monitor.takeDisconnections() == 1)
  }

  func hasMessage(within milliseconds: Int) throws -> Bool {
    var poller = Poller<Int>()
    poller.add(router, as: 0)
    poller.add(dealer, as: 1)
    return try !poller.wait(milliseconds: milliseconds).isEmpty
  }

  private func next(on socket: borrowing Socket) throws -> [[UInt8]] {
    let isReadable = try isReady(socket)
    try #require(isReadable, "nothing in time")
    let frames = try socket.receive(maximumFrames: 9, maximumBytes: 1 << 24)
    return try #require(frames).map(\.array)
  }

  private func isReady(
    _ socket: borrowing Socket, for interest: Readiness = .readable,
    within milliseconds: Int = patienceMilliseconds
  ) throws -> Bool {
    var poller = Poller<Int>()
    poller.add(socket, as: 0, for: interest)
    return try !poller.wait(milliseconds: milliseconds).isEmpty
  }
}
