/// One message between a worker and the parameter server: a closed set.
///
/// The bytes of each are described in <doc:ByteLayout>.
package enum Message: Sendable, Hashable {
  /// Worker to server: the first message of a session.
  case hello(Hello)
  /// Server to worker: the answer to a hello that fits.
  case welcome(Welcome)
  /// Server to worker: the answer to a hello, or to bytes, that do not fit.
  case refusal(Refusal)
  /// Worker to server: it can compute and asks for leases.
  case ready
  /// Server to worker: a verdict on the last push, leases, and weights if they are newer.
  case grant(Grant)
  /// Worker to server: the result of a lease.
  case push(Push)
  /// Both ways: the sender is alive.
  case heartbeat(Heartbeat)
  /// Server to worker: there is no more work, and what you hold counts no more; say farewell.
  case drain(Drain)
  /// Both ways: the last message of a session.
  case farewell(Farewell)
}

extension Message {
  /// The versions of the protocol that are spoken here.
  package static let supportedVersions: ClosedRange<UInt16> = 1...1
}

/// A message and its number in the session: the first one that a side sends on a connection is 1,
/// and each further one is one more.
///
/// A receiver that finds a gap knows that messages were lost on the way, which ZeroMQ does not
/// tell, and begins a new session. 0 is for what is said outside of any session.
package struct NumberedMessage: Sendable, Hashable {
  /// The message.
  package let message: Message
  /// Its number; after 2^32 - 1 comes 0.
  package let number: UInt32

  /// A message with its number.
  package init(_ message: Message, number: UInt32) {
    self.message = message
    self.number = number
  }
}
