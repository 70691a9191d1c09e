import Coordination
import Testing
import Wire

@testable import Simulation

@Suite struct InFlightMessageTests {
  private let message = NumberedMessage(
    .grant(
      Grant(
        leases: [
          Lease(
            id: LeaseID(incarnation: 1, counter: 2), version: 3,
            work: .train(batch: 3, slices: 0..<2))
        ], version: 3, hasWeights: true)), number: 9)

  @Test(arguments: [false, true]) func anInFlightMessageRoundTrips(asBytes: Bool) throws {
    let inFlight = try InFlightMessage(message, asBytes: asBytes, isDamaged: false)
    #expect(inFlight.decoded() == message)
  }

  @Test(arguments: [false, true]) func aDamagedMessageCannotBeDecoded(asBytes: Bool) throws {
    #expect(try InFlightMessage(message, asBytes: asBytes, isDamaged: true).decoded() == nil)
  }

  @Test func aPeerIDEncodesTheConnectionNumber() {
    for number in [0, 1, 255, 256, 70_000] {
      let peer = PeerID(connection: number)
      #expect(peer.bytes.count == 5 && peer.bytes[0] == 0 && peer.connection == number)
    }
  }

  @Test func messagesHaveAShortDescription() {
    #expect(message.message.summary == "grant v3; 1:2 batch 3 slices 0..<2 with weights")
    let piece = Piece(transfer: 2, index: 1, values: EncodedTensor(float32: [1, 2, 3]))
    #expect(Message.piece(piece).summary == "piece 2.1")
    #expect(Message.ready.summary == "ready")
  }
}
