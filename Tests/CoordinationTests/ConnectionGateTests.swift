import Testing

@testable import Coordination

/// The gate bounds connections without a session, their time, and the messages of a peer.
@Suite struct ConnectionGateTests {
  private static let peer = PeerID([1]), other = PeerID([2])

  private func gate(
    connections: Int = 100, pending: Int = 3, rate: Double = 10
  ) -> ConnectionGate {
    var limits = ConnectionGate.Limits()
    (limits.connections, limits.pending) = (connections, pending)
    (limits.pendingTime, limits.messagesPerSecond) = (.seconds(5), rate)
    return ConnectionGate(limits: limits)
  }

  private func mayAccept(_ gate: inout ConnectionGate, at now: Moment) -> Bool {
    gate.mayAccept(at: now)
  }

  @Test func theOldestPendingConnectionMakesRoom() {
    var gate = gate()
    for descriptor in 10..<13 as Range<Int32> {
      #expect(gate.accepted(descriptor, at: .seconds(0)) == nil)
    }
    #expect(gate.accepted(13, at: .seconds(1)) == .init(descriptor: 10, kind: .crowd))
    #expect(gate.accepted(14, at: .seconds(1)) == .init(descriptor: 11, kind: .crowd))
    #expect(gate.pendingCount == 3)
  }

  @Test func tenThousandConnectionsLeaveABoundedNumberPending() {
    var gate = gate(pending: 64)
    var closed: [Int32] = []
    for descriptor in 0..<10_000 as Range<Int32> {
      if let closing = gate.accepted(descriptor, at: .seconds(0)) {
        closed.append(closing.descriptor)
        #expect(gate.closed(closing.descriptor) == false)
      }
    }
    #expect(closed == Array(0..<9936))
    #expect(gate.pendingCount == 64 && gate.count == 64)
  }

  @Test func connectionsAreNotAcceptedWhileTooManyCome() {
    var gate = gate()
    for descriptor in 0..<1000 as Range<Int32> { _ = gate.accepted(descriptor, at: .seconds(0)) }
    #expect(mayAccept(&gate, at: .seconds(0)))
    _ = gate.accepted(1000, at: .seconds(0))
    #expect(!mayAccept(&gate, at: .seconds(0)))
    // A token more than the missing ones opens a window of several connections.
    #expect(!mayAccept(&gate, at: .seconds(0.10)))
    let next = gate.nextTick.map { $0.since(.seconds(0)).seconds } ?? 0
    #expect(abs(next - 0.11) < 1e-6)
    #expect(mayAccept(&gate, at: .seconds(0.111)))
  }

  /// A descriptor is used again once its connection has ended.
  @Test func aDescriptorIsKnownForThePeerOfItsMessagesOnly() {
    var gate = gate()
    #expect(!gate.contains(5, of: Self.peer))
    _ = gate.accepted(5, at: .seconds(0))
    #expect(gate.count == 1 && !gate.contains(5, of: Self.peer))
    #expect(gate.receive(on: 5, from: Self.peer, key: nil, at: .seconds(0)) == .pass)
    #expect(gate.contains(5, of: Self.peer) && !gate.contains(5, of: Self.other))
    gate.end(Self.peer, at: .seconds(0))
    #expect(gate.receive(on: 5, from: Self.other, key: nil, at: .seconds(0)) == .drop)
    _ = gate.closed(5)
    _ = gate.accepted(5, at: .seconds(0))
    #expect(gate.receive(on: 5, from: Self.other, key: nil, at: .seconds(0)) == .pass)
  }

  /// However many come in a window, the number of those accepted follows the rate.
  @Test func aFloodIsAcceptedAtTheRate() {
    var gate = gate()
    var (accepted, descriptor) = (0, Int32(0))
    for tick in 0..<3000 where gate.mayAccept(at: .seconds(Double(tick) / 100)) {
      for _ in 0..<40 {
        if let closing = gate.accepted(descriptor, at: .seconds(Double(tick) / 100)) {
          _ = gate.closed(closing.descriptor)
        }
        (accepted, descriptor) = (accepted + 1, descriptor + 1)
      }
    }
    #expect((3900...4100).contains(accepted), "\(accepted)")  // the first 1000, then 30 s
  }

  @Test func manyConnectionsMayComeAtOnceAgainAfterAPause() {
    var gate = gate()
    for descriptor in 0..<1001 as Range<Int32> { _ = gate.accepted(descriptor, at: .seconds(0)) }
    #expect(!mayAccept(&gate, at: .seconds(0)))
    #expect(mayAccept(&gate, at: .seconds(60)))
    for descriptor in 0..<1000 as Range<Int32> { _ = gate.accepted(descriptor, at: .seconds(60)) }
    #expect(mayAccept(&gate, at: .seconds(60)))
  }

  @Test func aSessionIsNotClosedForNewConnections() {
    var gate = gate(connections: 4)
    _ = gate.accepted(10, at: .seconds(0))
    #expect(gate.receive(on: 10, from: Self.peer, key: nil, at: .seconds(0)) == .pass)
    gate.settle(Self.peer)
    for descriptor in 11..<40 as Range<Int32> {
      if let closing = gate.accepted(descriptor, at: .seconds(1)) {
        #expect(closing.descriptor != 10)
        _ = gate.closed(closing.descriptor)
      }
    }
    #expect(gate.nextDue(at: .seconds(3)) == nil)
    #expect(!gate.isPending(10))
    #expect(gate.closed(10) == true)
  }

  @Test func aFullServerOfSessionsRefusesTheNewConnection() {
    var gate = gate(connections: 2)
    for (descriptor, peer) in [(10, Self.peer), (11, Self.other)] as [(Int32, PeerID)] {
      _ = gate.accepted(descriptor, at: .seconds(0))
      _ = gate.receive(on: descriptor, from: peer, key: nil, at: .seconds(0))
      gate.settle(peer)
    }
    #expect(gate.accepted(12, at: .seconds(0)) == .init(descriptor: 12, kind: .crowd))
  }

  @Test func aConnectionWithoutASessionIsClosedInTime() {
    var gate = gate()
    _ = gate.accepted(10, at: .seconds(1))
    #expect(gate.nextTick == .seconds(6))
    #expect(gate.nextDue(at: .seconds(5)) == nil)
    #expect(gate.nextDue(at: .seconds(6)) == .init(descriptor: 10, kind: .mute))
    #expect(gate.nextDue(at: .seconds(7)) == nil)
  }

  @Test func afterTheEndOfASessionMessagesAreDroppedAndTheConnectionIsClosed() {
    var gate = gate()
    _ = gate.accepted(10, at: .seconds(0))
    _ = gate.receive(on: 10, from: Self.peer, key: nil, at: .seconds(0))
    gate.settle(Self.peer)
    gate.end(Self.peer, at: .seconds(20))
    #expect(gate.receive(on: 10, from: Self.peer, key: nil, at: .seconds(20)) == .drop)
    gate.settle(Self.peer)
    #expect(gate.nextDue(at: .seconds(20)) == nil, "a refusal may still be under way")
    #expect(gate.nextDue(at: .seconds(21)) == .init(descriptor: 10, kind: nil))
  }

  @Test func aPeerMayNotExceedItsRate() {
    var gate = gate(rate: 10)
    _ = gate.accepted(10, at: .seconds(0))
    for _ in 0..<10 {
      #expect(gate.receive(on: 10, from: Self.peer, key: nil, at: .seconds(0)) == .pass)
    }
    let half = Moment.seconds(0.5)
    for _ in 0..<5 {
      #expect(gate.receive(on: 10, from: Self.peer, key: nil, at: half) == .pass)
    }
    #expect(
      gate.receive(on: 10, from: Self.peer, key: nil, at: half)
        == .exceeds(.init(descriptor: 10, kind: .rate)))
    #expect(gate.receive(on: 10, from: Self.peer, key: nil, at: .seconds(9)) == .drop)
  }

  @Test func connectionsOfInvalidKeysAreFound() {
    var gate = gate()
    for (descriptor, peer, key) in [(10, Self.peer, "a"), (11, Self.other, "b")]
      as [(Int32, PeerID, String)]
    {
      _ = gate.accepted(descriptor, at: .seconds(0))
      _ = gate.receive(on: descriptor, from: peer, key: key, at: .seconds(0))
    }
    _ = gate.accepted(12, at: .seconds(0))
    #expect(gate.revoked { $0 == "b" } == [10])
  }

  @Test func aDescriptorThatIsUsedAgainIsANewConnection() {
    var gate = gate()
    _ = gate.accepted(10, at: .seconds(0))
    _ = gate.receive(on: 10, from: Self.peer, key: "a", at: .seconds(0))
    gate.settle(Self.peer)
    _ = gate.closed(10)
    _ = gate.accepted(10, at: .seconds(1))
    #expect(gate.isPending(10))
    gate.settle(Self.peer)
    #expect(gate.isPending(10), "the former peer has no connection")
    #expect(gate.revoked { _ in false } == [])
  }

  @Test func unknownConnectionsChangeNothing() {
    var gate = gate()
    #expect(gate.closed(99) == false)
    #expect(gate.receive(on: 99, from: Self.peer, key: nil, at: .seconds(0)) == .pass)
    gate.settle(Self.peer)
    gate.end(Self.peer, at: .seconds(0))
    #expect(gate.count == 0 && gate.nextTick == nil)
  }
}
