/// A message between a worker and the parameter server.
///
/// The encoding of each case is described in <doc:ByteLayout>.
package enum Message: Sendable, Hashable {
  /// Worker to server: the first message of a session.
  case hello(Hello)
  /// Server to worker: the answer to a hello that was accepted.
  case welcome(Welcome)
  /// Server to worker: the answer to a hello, or to a malformed message, that was refused.
  case refusal(Refusal)
  /// Worker to server: the worker is ready to compute and requests leases.
  case ready
  /// Server to worker: the verdict on the last push, new leases, and the weights if they are newer.
  case grant(Grant)
  /// Worker to server: the result of a lease.
  case push(Push)
  /// In both directions: the sender is alive.
  case heartbeat(Heartbeat)
  /// Server to worker: the run ends and outstanding leases are void; answer with a farewell.
  case drain(Drain)
  /// In both directions: the last message of a session.
  case farewell(Farewell)
}

extension Message {
  /// The supported versions of the protocol.
  package static let supportedVersions: ClosedRange<UInt16> = 1...1
}

/// A message and its number in the session.
///
/// Each side numbers its messages on a connection consecutively, starting with 1. A gap reveals
/// that messages were lost, which ZeroMQ does not report; the receiver then starts a new session.
/// The number 0 marks messages outside of a session.
package struct NumberedMessage: Sendable, Hashable {
  /// The message.
  package let message: Message
  /// The number; 2³² - 1 is followed by 0.
  package let number: UInt32

  /// Creates a numbered message.
  package init(_ message: Message, number: UInt32) {
    self.message = message
    self.number = number
  }
}
