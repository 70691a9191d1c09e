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
  /// Server to worker: the verdict on the last push, new leases, and the announcement of weights.
  case grant(Grant)
  /// Worker to server: the result of a lease, and the announcement of its gradients.
  case push(Push)
  /// In both directions: the sender is alive.
  case heartbeat(Heartbeat)
  /// Server to worker: the run ends and outstanding leases are void; answer with a farewell.
  case drain(Drain)
  /// In both directions: the last message of a session.
  case farewell(Farewell)
  /// In both directions: a part of an announced vector.
  case piece(Piece)
  /// In both directions: earlier messages have arrived; sent if there is nothing else to send.
  case acknowledgement
  /// Peer to server, without a session: a request for the state of the run.
  case inquiry
  /// Server to peer, without a session: the answer to an inquiry.
  case status(RunStatus)
}

extension Message {
  /// The supported versions of the protocol.
  package static let supportedVersions: ClosedRange<UInt16> = 2...2
}

/// A message and its number in the session.
///
/// Each side numbers its messages on a connection consecutively, starting with 1. A gap reveals
/// that messages were lost, which ZeroMQ does not report; the receiver then starts a new session.
/// The number 0 marks messages outside of a session.
package struct NumberedMessage: Sendable, Hashable {
  /// The message.
  package let message: Message
  /// The number; 2³² - 1 is followed by 1.
  package let number: UInt32
  /// The number of the last message that the sender received in this session; 0 if there is none.
  /// A hello and a refusal have no such field.
  package let acknowledged: UInt32

  /// Creates a numbered message.
  package init(_ message: Message, number: UInt32, acknowledged: UInt32 = 0) {
    self.message = message
    self.number = number
    self.acknowledged = acknowledged
  }
}
