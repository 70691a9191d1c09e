import Testing
import Wire

@testable import Coordination

@Suite struct ChannelNumberTests {
  private func order(_ channel: inout Channel, _ number: UInt32) -> Channel.Order {
    channel.receive(NumberedMessage(.ready, number: number))
  }

  @Test func numbersCountFromOne() {
    var channel = Channel()
    let found = (0..<3).map { _ in channel.number(.ready).number }
    #expect(found == [1, 2, 3])
  }

  @Test func gapsAndRepetitionsAreDetected() {
    var channel = Channel(received: 1)
    let found = [2, 2, 1, 4, 3, 0].map { order(&channel, $0) }
    #expect(found == [.next, .repeated, .repeated, .gap, .next, .next])
  }

  /// The number 0, which marks messages outside of a session, is left out.
  @Test func numbersWrapAroundWithoutZeroAndWithoutAGap() {
    var channel = Channel(received: .max - 1)
    let found = [UInt32.max, .max - 1, 2, 1, 2].map { order(&channel, $0) }
    #expect(found == [.next, .repeated, .gap, .next, .next])
  }

  @Test func everyMessageAcknowledgesTheLastOneReceived() {
    var channel = Channel(received: 7)
    let first = channel.number(.ready)
    _ = order(&channel, 8)
    _ = order(&channel, 10)  // a gap does not count
    let second = channel.number(.ready)
    #expect(first.acknowledged == 7 && second.acknowledged == 8)
  }
}

@Suite struct ChannelCreditTests {
  private let limits = TransferLimits(pieceElements: 2, windowBytes: 19)
  private static let id = LeaseID(incarnation: 1, counter: 1)

  /// Returns a channel with a vector of `count` elements queued.
  private func channel(
    sending count: Int, heartbeatLimit: Int = Channel.heartbeatLimit
  ) -> Channel {
    var channel = Channel(limits: limits, heartbeatLimit: heartbeatLimit)
    let vector = PiecewiseVector([Float](repeating: 1, count: count), limits: limits)
    _ = channel.announce([vector]) { piece in
      .push(Push(id: Self.id, version: 0, sums: [], firstPiece: piece))
    }
    return channel
  }

  private func acknowledge(_ channel: inout Channel, _ number: UInt32, as own: UInt32) {
    _ = channel.receive(NumberedMessage(.acknowledgement, number: own, acknowledged: number))
  }

  @Test func piecesAreSentInOrderWithinTheWindow() {
    var channel = channel(sending: 7)
    #expect(channel.bytesUnderWay == 8)  // the first piece is part of the announcement
    var sent: [NumberedMessage] = []
    while let piece = channel.nextPiece() { sent.append(piece) }
    #expect(sent.map(\.number) == [2] && channel.bytesUnderWay == 16)
    acknowledge(&channel, 1, as: 1)
    #expect(channel.bytesUnderWay == 8)
    while let piece = channel.nextPiece() { sent.append(piece) }
    #expect(!channel.isDrained)
    acknowledge(&channel, 3, as: 2)
    while let piece = channel.nextPiece() { sent.append(piece) }
    let pieces = sent.compactMap { message -> Piece? in
      if case .piece(let piece) = message.message { piece } else { nil }
    }
    #expect(pieces.map(\.index) == [1, 2, 3] && pieces.map(\.transfer) == [1, 1, 1])
    #expect(pieces.map(\.values.count) == [2, 2, 1])
    #expect(channel.isDrained && channel.bytesUnderWay == 4)
  }

  @Test func transfersAreNumberedFromOne() {
    var channel = channel(sending: 4)
    let second = PiecewiseVector([1], limits: limits)
    let message = channel.announce([second]) { .grant(Grant(version: 1, firstPiece: $0)) }
    #expect(message.message.tensor == nil)  // a piece of the first transfer comes before
    acknowledge(&channel, 2, as: 1)
    let transfers = (0..<2).compactMap { _ -> UInt32? in
      if case .piece(let piece) = channel.nextPiece()?.message { piece.transfer } else { nil }
    }
    #expect(transfers == [1, 2])
  }

  /// A piece that is larger than the window is sent when nothing else is under way.
  @Test func onePieceIsSentWhateverItsSize() {
    let limits = TransferLimits(pieceElements: 100, windowBytes: 20)
    var channel = Channel(limits: limits)
    let vector = PiecewiseVector([Float](repeating: 0, count: 200), limits: limits)
    let first = channel.announce([vector]) { .grant(Grant(version: 1, firstPiece: $0)) }
    let second = channel.nextPiece()
    acknowledge(&channel, 1, as: 1)
    let third = channel.nextPiece()
    #expect(first.message.tensor != nil && second == nil && third != nil)
  }

  @Test func acknowledgementsOfMessagesThatWereNotSentAreIgnored() {
    var channel = channel(sending: 8)
    while channel.nextPiece() != nil {}
    for (number, own) in [(9, 1), (.max, 2), (0, 3)] as [(UInt32, UInt32)] {
      acknowledge(&channel, number, as: own)
      #expect(channel.bytesUnderWay == 16)
    }
    acknowledge(&channel, 2, as: 4)
    acknowledge(&channel, 1, as: 5)  // older than the last one
    #expect(channel.bytesUnderWay == 0)
  }

  @Test func aReceiverOwesAnAcknowledgementAfterAnEighthOfTheWindow() {
    let limits = TransferLimits(pieceElements: 2, windowBytes: 128)
    var channel = Channel(limits: limits)
    let values = EncodedTensor(float32: [1, 2], shape: [2])
    for number in 1...2 as ClosedRange<UInt32> {
      #expect(!channel.owesAcknowledgement)
      let piece = Piece(transfer: 1, index: number - 1, values: values)
      _ = channel.receive(NumberedMessage(.piece(piece), number: number))
    }
    #expect(channel.owesAcknowledgement)
    let answer = channel.number(.ready)
    #expect(answer.acknowledged == 2)
    #expect(!channel.owesAcknowledgement)
  }

  /// Pieces do not count: they are bounded by the window.
  @Test func heartbeatsAreSkippedForAPeerThatDoesNotRead() {
    for limit in [5, Channel.heartbeatLimit] {
      var channel = channel(sending: 4, heartbeatLimit: limit)
      while channel.nextPiece() != nil {}
      for _ in 0..<limit {
        #expect(channel.acceptsHeartbeat)
        _ = channel.number(.ready)
      }
      #expect(!channel.acceptsHeartbeat)
      acknowledge(&channel, 3, as: 1)
      #expect(channel.acceptsHeartbeat)
    }
  }
}

@Suite struct IncomingTransfersTests {
  private let limits = TransferLimits(pieceElements: 2)

  private func piece(_ transfer: UInt32, _ index: UInt32, _ values: [Float]) -> Piece {
    Piece(
      transfer: transfer, index: index,
      values: EncodedTensor(float32: values, shape: [values.count]))
  }

  private func reason(_ outcome: IncomingTransfers.Outcome) -> String? {
    if case .invalid(let reason) = outcome { reason } else { nil }
  }

  @Test func aTransferIsCompleteWithItsLastPiece() {
    var incoming = IncomingTransfers(count: 5, limits: limits)
    incoming.announce(2)
    for (transfer, isKept) in [(1, true), (2, false)] as [(UInt32, Bool)] {
      for (index, values) in ([[1, 2], [3, 4]] as [[Float]]).enumerated() {
        let outcome = incoming.add(piece(transfer, UInt32(index), values), isKept: isKept)
        guard case .incomplete = outcome else {
          Issue.record("\(outcome)")
          return
        }
      }
      guard case .complete(let vector) = incoming.add(piece(transfer, 2, [5]), isKept: isKept)
      else {
        Issue.record("not complete")
        return
      }
      #expect(vector.floats == (isKept ? [1, 2, 3, 4, 5] : []))
    }
    #expect(incoming.pendingCount == 0)
  }

  @Test func aPieceThatDoesNotFollowIsInvalid() {
    var incoming = IncomingTransfers(count: 5, limits: limits)
    let early = incoming.add(piece(1, 0, [1, 2]), isKept: true)
    #expect(reason(early)?.contains("did not announce") == true)
    incoming.announce(1)
    for (wrong, text) in [
      (piece(2, 0, [1, 2]), "transfer 2"), (piece(1, 1, [1, 2]), "piece 1"),
      (piece(1, 0, [1]), "shape [1]"), (piece(1, 0, [1, 2, 3]), "shape [3]"),
    ] {
      let outcome = incoming.add(wrong, isKept: true)
      #expect(reason(outcome)?.contains(text) == true)
    }
  }
}
