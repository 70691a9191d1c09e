package import Wire

/// One side of a session: the numbers of its messages, acknowledgements, and flow control.
///
/// Every message takes the next number and acknowledges the messages received so far. Pieces of
/// vectors wait in a queue and are sent while those under way fit into the window, so that a slow
/// connection holds a bounded number of bytes and other messages pass between the pieces.
package struct Channel: Sendable {
  /// The position of a received number relative to the last one.
  enum Order {
    /// The next number, or a message outside a session.
    case next
    /// A number that was received before, or a late message.
    case repeated
    /// At least one message before this one was lost.
    case gap
  }

  /// A piece that was sent and is not acknowledged.
  private struct Sent {
    let number: UInt32
    let bytes: Int
  }

  /// The default of ``Policy/heartbeatLimit``.
  static let heartbeatLimit = 100

  /// The division of vectors into pieces, and the window.
  package let limits: TransferLimits
  /// The payload bytes of pieces that were sent and are not acknowledged.
  package private(set) var bytesUnderWay = 0
  private let heartbeatLimit: Int
  private var sent: UInt32 = 0
  private var acknowledged: UInt32 = 0
  private var received: UInt32
  private var unreportedBytes = 0
  private var underWay = Queue<Sent>()
  private var transfers = Queue<PiecewiseVector>()
  private var transfer: UInt32 = 1
  private var nextIndex = 0

  /// Creates the channel of a session in which nothing was sent.
  ///
  /// - Parameters:
  ///   - received: the number of the last message received.
  ///   - heartbeatLimit: the number of unacknowledged messages, apart from pieces, from which on
  ///     heartbeats are skipped.
  init(
    received: UInt32 = 0, limits: TransferLimits = TransferLimits(),
    heartbeatLimit: Int = Channel.heartbeatLimit
  ) {
    self.received = received
    self.limits = limits
    self.heartbeatLimit = heartbeatLimit
  }

  /// Creates a channel with the numbers of `other`, in which no piece was sent, and other limits:
  /// those of a welcome.
  init(continuing other: Channel, limits: TransferLimits) {
    self.limits = limits
    heartbeatLimit = other.heartbeatLimit
    sent = other.sent
    acknowledged = other.acknowledged
    received = other.received
  }

  // MARK: Sending

  /// Whether no piece is queued.
  var isDrained: Bool { transfers.isEmpty }

  /// Whether a heartbeat may be sent: the peer has acknowledged all but a few messages. Otherwise
  /// the heartbeat is skipped and takes no number.
  var acceptsHeartbeat: Bool {
    Int(Self.distance(from: acknowledged, to: sent)) - underWay.count < heartbeatLimit
  }

  /// Whether the peer waits for an acknowledgement of pieces.
  var owesAcknowledgement: Bool { unreportedBytes >= max(limits.windowBytes / 8, 1) }

  /// Numbers the next message to send.
  mutating func number(_ message: Message) -> NumberedMessage {
    sent = Self.successor(of: sent)
    unreportedBytes = 0
    return NumberedMessage(message, number: sent, acknowledged: received)
  }

  /// Queues vectors and numbers the message that announces them, which contains the first piece if
  /// that is the next one and fits into the window.
  ///
  /// - Parameter message: returns the message with the piece, or without one.
  mutating func announce(
    _ vectors: [PiecewiseVector], in message: (EncodedTensor?) -> Message
  ) -> NumberedMessage {
    let isNext = transfers.isEmpty
    for vector in vectors {
      precondition(vector.pieceCount > 0, "a transfer has at least one piece")
      transfers.append(vector)
    }
    guard isNext, let piece = takePiece() else { return number(message(nil)) }
    let numbered = number(message(piece.values))
    recordSent(piece.values, in: numbered)
    return numbered
  }

  /// Removes and returns the next piece to send; nil if none is queued or the window is full.
  mutating func nextPiece() -> NumberedMessage? {
    guard let piece = takePiece() else { return nil }
    let numbered = number(.piece(piece))
    recordSent(piece.values, in: numbered)
    return numbered
  }

  private mutating func recordSent(_ values: EncodedTensor, in message: NumberedMessage) {
    underWay.append(Sent(number: message.number, bytes: values.payloadByteCount))
    bytesUnderWay += values.payloadByteCount
  }

  private mutating func takePiece() -> Piece? {
    guard let vector = transfers.first else { return nil }
    let bytes = vector.payloadByteCount(ofPiece: nextIndex)
    guard underWay.isEmpty || bytesUnderWay + bytes <= limits.windowBytes else { return nil }
    let values = vector.piece(at: nextIndex)
    let piece = Piece(transfer: transfer, index: UInt32(nextIndex), values: values)
    nextIndex += 1
    if nextIndex == vector.pieceCount {
      transfers.popFirst()
      transfer &+= 1
      nextIndex = 0
    }
    return piece
  }

  // MARK: Receiving

  /// Whether a received message has the number that follows.
  func isNext(_ message: NumberedMessage) -> Bool {
    message.number != 0 && Self.distance(from: received, to: message.number) == 1
  }

  /// Classifies a received message by its number, and updates the last number received and the
  /// credit.
  mutating func receive(_ message: NumberedMessage) -> Order {
    guard message.number != 0 else { return .next }
    switch Self.distance(from: received, to: message.number) {
    case 1: break
    case 2...UInt32(Int32.max): return .gap
    default: return .repeated
    }
    received = message.number
    unreportedBytes += message.message.tensor?.payloadByteCount ?? 0
    acknowledge(message.acknowledged)
    return .next
  }

  /// Releases the credit of the messages up to `number`; numbers that were not sent are ignored.
  private mutating func acknowledge(_ number: UInt32) {
    guard number != 0 else { return }
    let distance = Self.distance(from: acknowledged, to: number)
    guard distance > 0, distance <= Self.distance(from: acknowledged, to: sent) else { return }
    acknowledged = number
    while let piece = underWay.first, Self.isReached(piece.number, by: number) {
      bytesUnderWay -= piece.bytes
      underWay.popFirst()
    }
  }

  // MARK: Numbers

  /// Returns the number after `number`. The number 0 is left out: it marks messages outside of a
  /// session.
  private static func successor(of number: UInt32) -> UInt32 { number == .max ? 1 : number + 1 }

  /// Returns the number of steps from `start` to `end`.
  private static func distance(from start: UInt32, to end: UInt32) -> UInt32 {
    end >= start ? end - start : end &- start &- 1
  }

  /// Returns whether `number` is at or before `end`, by the shorter way around.
  private static func isReached(_ number: UInt32, by end: UInt32) -> Bool {
    distance(from: number, to: end) <= UInt32(Int32.max)
  }
}
