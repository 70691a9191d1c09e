import Wire

/// The numbers, acknowledgements and transfers of one side of a session that a test operates.
struct PeerSession {
  private var sent: UInt32 = 0
  private var received: UInt32 = 0
  private var transfer: UInt32 = 0

  /// Returns a message with the next number, which acknowledges the messages received so far. A
  /// refusal is outside the numbering.
  mutating func number(_ message: Message) -> NumberedMessage {
    if case .refusal = message { return NumberedMessage(message, number: 0) }
    sent += 1
    return NumberedMessage(message, number: sent, acknowledged: received)
  }

  /// Records a received message.
  mutating func receive(_ message: NumberedMessage) {
    if message.number != 0 { received = message.number }
  }

  /// Returns the messages that contain the pieces of the next announced vector.
  mutating func pieces(of vector: PiecewiseVector) -> [NumberedMessage] {
    transfer += 1
    return vector.pieces.enumerated().map { index, values in
      number(.piece(Piece(transfer: transfer, index: UInt32(index), values: values)))
    }
  }
}
