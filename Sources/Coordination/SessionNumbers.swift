import Wire

/// The numbers of a session's messages, on one side of it (see `NumberedMessage`).
struct SessionNumbers: Sendable {
  /// What the number of a message tells.
  enum Order {
    /// It is the next one, or outside of any session.
    case next
    /// It is one that came before, or comes late.
    case repeated
    /// At least one message before it was lost.
    case gap
  }

  private var sent: UInt32 = 0
  private var received: UInt32

  /// A session in which nothing was sent, and the last message received has this number.
  init(received: UInt32 = 0) {
    self.received = received
  }

  /// Gives a message that is to be sent its number.
  mutating func number(_ message: Message) -> NumberedMessage {
    sent &+= 1
    return NumberedMessage(message, number: sent)
  }

  /// Takes note of a message that came in.
  mutating func take(_ number: UInt32) -> Order {
    guard number != 0 else { return .next }
    let distance = Int32(bitPattern: number &- received)
    guard distance > 0 else { return .repeated }
    guard distance == 1 else { return .gap }
    received = number
    return .next
  }
}
