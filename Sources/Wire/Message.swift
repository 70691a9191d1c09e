/// One message between a worker and the parameter server: a closed set.
///
/// The bytes of each are described in <doc:ByteLayout>.
public enum Message: Sendable, Hashable {
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
  /// Server to worker: finish what you hold, ask for no more, and say farewell.
  case drain(Drain)
  /// Both ways: the last message of a session.
  case farewell(Farewell)
}

extension Message {
  /// The versions of the protocol that are spoken here.
  public static let supportedVersions: ClosedRange<UInt16> = 1...1
}
