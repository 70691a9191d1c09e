import Bytes
import Foundation
import Testing
import ZeroMQ

@Suite struct ConnectionMonitorTests {
  enum Source { case router, monitor }

  @Test(arguments: [Transport.tcp, .ipc])
  func aPeerThatClosesIsOneDisconnection(transport: Transport) throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    var monitor = try ConnectionMonitor(of: router)
    let endpoint = try router.bind(transport.endpoint)
    for _ in 0..<3 {
      let dealer = try Socket(.dealer, context: context)
      try dealer.connect(endpoint)
      let address = try introduce(dealer, to: router)
      #expect(try monitor.takeDisconnections() == 0)
      dealer.close()
      #expect(try waitForDisconnections(1, of: &monitor) == 1)
      try eventually { failure { try router.send([address, [1]]) } == .unknownPeer }
    }
  }

  @Test(arguments: [Transport.tcp, .ipc])
  func shutdownOfAPeersContextDisconnectsEachOfItsSockets(transport: Transport) throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    var monitor = try ConnectionMonitor(of: router)
    let endpoint = try router.bind(transport.endpoint)
    let staying = try Socket(.dealer, context: context)
    try staying.connect(endpoint)
    let address = try introduce(staying, to: router)
    do {
      let other = try Context()
      let first = try Socket(.dealer, context: other)
      let second = try Socket(.dealer, context: other)
      try first.connect(endpoint)
      try second.connect(endpoint)
      _ = try introduce(first, to: router)
      _ = try introduce(second, to: router)
      other.shutdown()
    }
    #expect(try waitForDisconnections(2, of: &monitor) == 2)
    try router.send([address, [7]])
    #expect(try receive(staying) == [[7]])
    #expect(try monitor.takeDisconnections() == 0)
  }

  @Test(arguments: [Transport.tcp, .ipc])
  func aServersMonitorIdentifiesConnectionsByDescriptor(transport: Transport) throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    var monitor = try ConnectionMonitor(of: router, reporting: .descriptors)
    let endpoint = try router.bind(transport.endpoint)
    let bound = try monitor.takeEvents()
    guard case .listening(let listener)? = bound.first, bound.count == 1 else {
      Issue.record("\(bound)")
      return
    }
    let first = try Socket(.dealer, context: context)
    let second = try Socket(.dealer, context: context)
    try first.connect(endpoint)
    let origin = try receiveOrigin(of: first, router)
    #expect(try monitor.takeEvents() == [.accepted(origin.descriptor)])
    try second.connect(endpoint)
    let other = try receiveOrigin(of: second, router)
    #expect(Set([listener, origin.descriptor, other.descriptor]).count == 3 && other.key == nil)
    #expect(try monitor.takeEvents() == [.accepted(other.descriptor)])
    monitor.close(origin.descriptor)
    #expect(
      try waitForEvents(3, of: &monitor).prefix(2)
        == [.closed(origin.descriptor), .disconnected], "the peer connects again")
    try send([[9]], on: second)
    #expect(try receive(router).last == [9])
  }

  @Test func eventsBeyondTheRequestedNumberAreLeft() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    var monitor = try ConnectionMonitor(of: router, reporting: .descriptors)
    let endpoint = try router.bind(Transport.tcp.endpoint)
    for _ in 0..<3 { try RawConnection(endpoint).closeAfterPeer() }
    var events: [ConnectionMonitor.Event] = []
    try eventually {
      let next = try monitor.takeEvents(atMost: 2)
      #expect(next.count <= 3, "an end is reported together with its descriptor")
      events += next
      return events.count >= 10  // that of the bound socket, and three for each connection
    }
    #expect(events.count { $0 == .abandoned } == 3)
  }

  private func receiveOrigin(
    of dealer: borrowing Socket, _ router: borrowing Socket
  ) throws -> MessageOrigin {
    try send([[1]], on: dealer)
    try wait(for: .readable, on: router)
    var origin: MessageOrigin?
    #expect(
      try router.receive(maximumFrames: 2, maximumBytes: 99, origin: &origin)?.last?.array == [1])
    return try #require(origin)
  }

  @Test func aConnectionLostWithinAMessageIsADisconnection() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    var monitor = try ConnectionMonitor(of: router)
    let peer = try RawZMTPPeer.introduced(to: router, at: router.bind(Transport.tcp.endpoint))
    peer.write(Array(RawZMTPPeer.message(.pattern(200)).prefix(100)))
    peer.close()
    #expect(try waitForDisconnections(1, of: &monitor) == 1)
    #expect(try router.receive(maximumFrames: 9, maximumBytes: 999) == nil)
  }

  @Test func connectionsClosedBeforeTheHandshakeAreNotCounted() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let endpoint = try router.bind(Transport.tcp.endpoint)
    var monitor = try ConnectionMonitor(of: router)
    for length in [0, 1, 10, 11, 63, 64, 66] {
      let stranger = try RawConnection(endpoint)
      stranger.write(Array(RawZMTPPeer.handshake.prefix(length)))
      stranger.closeAfterPeer()
    }
    let peer = try RawZMTPPeer.introduced(to: router, at: endpoint)
    peer.close()
    #expect(try waitForDisconnections(1, of: &monitor) == 1)
  }

  @Test func pendingEventsBlockNeitherTheSocketNorItsPeers() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let endpoint = try router.bind(Transport.tcp.endpoint)
    var monitor = try ConnectionMonitor(of: router)
    let count = 1500
    for _ in 0..<count {
      try RawZMTPPeer.introduced(to: router, at: endpoint).close()
    }
    #expect(try waitForDisconnections(count, of: &monitor) == count)
  }

  @Test func aDisconnectionWakesThePoller() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let endpoint = try router.bind(Transport.tcp.endpoint)
    var monitor = try ConnectionMonitor(of: router)
    var poller = Poller<Source>()
    poller.add(router, as: .router)
    poller.add(monitor, as: .monitor)
    let dealer = try Socket(.dealer, context: context)
    try dealer.connect(endpoint)
    _ = try introduce(dealer, to: router)
    #expect(try poller.wait(milliseconds: 0).isEmpty)
    dealer.close()
    #expect(try poller.wait(milliseconds: patience).map(\.key) == [.monitor])
    #expect(try monitor.takeDisconnections() == 1)
    #expect(try poller.wait(milliseconds: 0).isEmpty)
  }

  // MARK: Beginnings

  @Test(arguments: [Transport.tcp, .ipc])
  func aConnectionsEventsAreReportedInTheirOrder(transport: Transport) throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let endpoint = try router.bind(transport.endpoint)
    let dealer = try Socket(.dealer, context: context)
    var monitor = try ConnectionMonitor(of: dealer, reporting: .beginnings)
    #expect(try monitor.takeEvents() == [])
    try dealer.connect(endpoint)
    _ = try introduce(dealer, to: router)
    #expect(try monitor.takeEvents() == [.connected, .established])
    router.close()
    #expect(try waitForAnEvent(of: &monitor) == .disconnected)
  }

  @Test func aPeerThatClosesWithoutAHandshakeIsReportedAsAbandoned() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    var monitor = try ConnectionMonitor(of: router, reporting: .beginnings)
    let peer = try RawConnection(router.bind(Transport.tcp.endpoint))
    peer.write(Array(RawZMTPPeer.handshake.prefix(10)))
    peer.close()
    #expect(try waitForAnEvent(of: &monitor) == .abandoned)
    #expect(try monitor.takeEvents() == [])
  }

  // MARK: Lifetime of the monitor

  @Test func aSocketHasOneMonitorAtATime() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let endpoint = try router.bind(Transport.tcp.endpoint)
    do {
      let first = try ConnectionMonitor(of: router)
      let error = failure { _ = try ConnectionMonitor(of: router) }
      guard case .failed("monitor", _, _, _) = error else {
        Issue.record("a different error, or none")
        return
      }
      _ = consume first
    }
    var next = try ConnectionMonitor(of: router)
    let dealer = try Socket(.dealer, context: context)
    try dealer.connect(endpoint)
    _ = try introduce(dealer, to: router)
    dealer.close()
    #expect(try waitForDisconnections(1, of: &next) == 1)
  }

  @Test func theSocketWorksAfterItsMonitorIsDestroyed() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let endpoint = try router.bind(Transport.tcp.endpoint)
    do { _ = try ConnectionMonitor(of: router) }
    for _ in 0..<3 {
      let dealer = try Socket(.dealer, context: context)
      try dealer.connect(endpoint)
      let address = try introduce(dealer, to: router)
      dealer.close()
      try eventually { failure { try router.send([address, [1]]) } == .unknownPeer }
    }
  }

  @Test func aMonitorMayOutliveItsSocket() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let endpoint = try router.bind(Transport.tcp.endpoint)
    var monitor = try ConnectionMonitor(of: router)
    let dealer = try Socket(.dealer, context: context)
    try dealer.connect(endpoint)
    _ = try introduce(dealer, to: router)
    router.close()
    #expect(try monitor.takeDisconnections() == 0)
    dealer.close()
    let successor = try Socket(.router, context: context)
    let newcomer = try Socket(.dealer, context: context)
    try newcomer.connect(try successor.bind(Transport.tcp.endpoint))
    _ = try introduce(newcomer, to: successor)
    #expect(try monitor.takeDisconnections() == 0)
  }

  @Test func aLingeringConnectionThatEndsAfterTheMonitorBlocksNoOther() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let monitor = try ConnectionMonitor(of: router)
    let peer = try RawZMTPPeer.introduced(to: router, at: router.bind(Transport.tcp.endpoint))
    peer.write(RawZMTPPeer.message([2]))
    let address = try #require(try receive(router).first)
    let moreThanTheKernelTakes = 64 << 20
    try router.send([address, [UInt8](repeating: 0, count: moreThanTheKernelTakes)])
    router.close()
    _ = consume monitor
    peer.close()
    let successor = try Socket(.router, context: context)
    let dealer = try Socket(.dealer, context: context)
    try dealer.connect(try successor.bind(Transport.tcp.endpoint))
    _ = try introduce(dealer, to: successor)
  }

  @Test func shutdownTerminatesTheMonitor() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    var monitor = try ConnectionMonitor(of: router)
    context.shutdown()
    #expect(failure { _ = try monitor.takeDisconnections() } == .contextTerminated)
    #expect(failure { _ = try ConnectionMonitor(of: router) } == .contextTerminated)
  }

  /// Waits for the next event.
  private func waitForAnEvent(
    of monitor: inout ConnectionMonitor
  ) throws -> ConnectionMonitor.Event? {
    var poller = Poller<Source>()
    poller.add(monitor, as: .monitor)
    try #require(!poller.wait(milliseconds: patience).isEmpty, "no event in time")
    return try monitor.takeEvents().first
  }

  /// Removes events until at least `count` have come.
  private func waitForEvents(
    _ count: Int, of monitor: inout ConnectionMonitor
  ) throws -> [ConnectionMonitor.Event] {
    var poller = Poller<Source>()
    poller.add(monitor, as: .monitor)
    var events: [ConnectionMonitor.Event] = []
    while events.count < count {
      try #require(!poller.wait(milliseconds: patience).isEmpty, "timed out after \(events)")
      events += try monitor.takeEvents()
    }
    return events
  }

  /// Removes events until at least `count` disconnections were reported.
  private func waitForDisconnections(_ count: Int, of monitor: inout ConnectionMonitor) throws
    -> Int
  {
    var poller = Poller<Source>()
    poller.add(monitor, as: .monitor)
    var ends = 0
    while ends < count {
      try #require(!poller.wait(milliseconds: patience).isEmpty, "timed out after \(ends)")
      ends += try monitor.takeDisconnections()
    }
    return ends
  }
}

/// A raw ZMTP 3.0 peer, which can stop at any byte.
private enum RawZMTPPeer {
  static let handshake: [UInt8] =
    [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 0] + Array("NULL".utf8)
    + [UInt8](repeating: 0, count: 48) + [0x04, UInt8(ready.count)] + ready

  private static let ready: [UInt8] =
    [5] + Array("READY".utf8) + [11] + Array("Socket-Type".utf8) + [0, 0, 0, 6]
    + Array("DEALER".utf8)

  static func message(_ body: [UInt8]) -> [UInt8] { [0, UInt8(body.count)] + body }

  /// Opens a connection and waits until the router has received a message on it.
  static func introduced(
    to router: borrowing Socket, at endpoint: String
  ) throws -> RawConnection {
    let peer = try RawConnection(endpoint)
    peer.write(handshake)
    // libzmq accepts no message before it has sent its READY command, here with an empty identity.
    let answer = handshake.count + [8].count + "Identity".utf8.count + [0, 0, 0, 0].count
    try #require(peer.read(answer).count == answer)
    peer.write(message([1]))
    #expect(try receive(router).last == [1])
    return peer
  }
}
