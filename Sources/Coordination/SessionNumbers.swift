import Wire

/// The message numbers of a session, as kept by one side (see `NumberedMessage`).
struct SessionNumbers: Sendable {
  /// The position of a received number relative to the last one.
  enum Order {
    /// The next number, or a message outside a session.
    case next
    /// A number that was received before, or a late message.
    case repeated
    /// At least one message before this one was lost.
    case gap
  }

  private var sent: UInt32 = 0
  private var received: UInt32

  /// Creates the numbers of a session in which nothing was sent; `received` is the number of the
  /// last message received.
  init(received: UInt32 = 0) {
    self.received = received
  }

  /// Numbers the next message to send.
  mutating func number(_ message: Message) -> NumberedMessage {
    sent &+= 1
    return NumberedMessage(message, number: sent)
  }

  /// Classifies the number of a received message and updates the last number received.
  mutating func receive(_ number: UInt32) -> Order {
    guard number != 0 else { return .next }
    let distance = Int32(bitPattern: number &- received)
    guard distance > 0 else { return .repeated }
    guard distance == 1 else { return .gap }
    received = number
    return .next
  }
}
