internal import CZeroMQ

/// Type of a socket.
public enum SocketKind: Sendable, Hashable {
  /// A ROUTER socket for many peers; the first frame of each message is the peer's address.
  case router
  /// A DEALER socket, connected to a router.
  case dealer
  /// A PAIR socket, connected to exactly one other PAIR socket.
  case pair

  var code: Int32 {
    switch self {
    case .router: ZMQ_ROUTER
    case .dealer: ZMQ_DEALER
    case .pair: ZMQ_PAIR
    }
  }
}

/// Timeouts, queue lengths and limits of a socket.
///
/// libzmq's own defaults block indefinitely on close, queue 1000 messages per peer and accept
/// frames of any size, which is unsuitable for a long-running server. The defaults here are
/// bounded.
public struct SocketOptions: Sendable, Hashable {
  /// Time that unsent messages may delay the end of the process after the socket is closed
  /// (`ZMQ_LINGER`).
  public var lingerMilliseconds: Int32 = 1000
  /// Maximum number of queued messages per peer before ``ZeroMQError/wouldBlock`` (`ZMQ_SNDHWM`); 0
  /// for no limit.
  public var sendQueue: Int32 = 8
  /// Maximum number of received messages queued per peer before the peer is throttled
  /// (`ZMQ_RCVHWM`); 0 for no limit.
  public var receiveQueue: Int32 = 8
  /// Maximum size of a received frame; a peer that announces a larger one is disconnected before
  /// memory is allocated (`ZMQ_MAXMSGSIZE`).
  public var maximumFrameBytes: Int64 = 128 << 20
  /// Interval between ZMTP heartbeats on a connection (`ZMQ_HEARTBEAT_IVL`); 0 for none.
  public var heartbeatMilliseconds: Int32 = 1000
  /// Duration of silence after which a connection is closed, which detects half-open ones
  /// (`ZMQ_HEARTBEAT_TIMEOUT`).
  public var heartbeatTimeoutMilliseconds: Int32 = 3000
  /// Maximum duration of the ZMTP handshake before the peer is disconnected (`ZMQ_HANDSHAKE_IVL`).
  public var handshakeMilliseconds: Int32 = 5000
  /// Delay before the first attempt to reconnect (`ZMQ_RECONNECT_IVL`).
  public var reconnectMilliseconds: Int32 = 100
  /// Maximum delay between attempts to reconnect; the delay doubles up to it
  /// (`ZMQ_RECONNECT_IVL_MAX`).
  public var maximumReconnectMilliseconds: Int32 = 2000
  /// Maximum number of connections that wait to be accepted (`ZMQ_BACKLOG`); the system may have a
  /// lower limit.
  public var backlog: Int32 = 1024
  /// Whether a dealer queues messages only while it is connected and otherwise throws
  /// ``ZeroMQError/wouldBlock``, so that no backlog builds up for an unreachable server
  /// (`ZMQ_IMMEDIATE`).
  public var onlyToConnected = true
  /// The protection of the connections.
  public var security = SocketSecurity.none

  /// Creates options with their default values.
  public init() {}

  /// libzmq's option numbers and values that apply to every type of socket.
  var numbers: [(option: Int32, value: Int32)] {
    [
      (ZMQ_LINGER, lingerMilliseconds),
      (ZMQ_SNDHWM, sendQueue),
      (ZMQ_RCVHWM, receiveQueue),
      (ZMQ_HEARTBEAT_IVL, heartbeatMilliseconds),
      (ZMQ_HEARTBEAT_TIMEOUT, heartbeatTimeoutMilliseconds),
      (ZMQ_HANDSHAKE_IVL, handshakeMilliseconds),
      (ZMQ_RECONNECT_IVL, reconnectMilliseconds),
      (ZMQ_RECONNECT_IVL_MAX, maximumReconnectMilliseconds),
      (ZMQ_BACKLOG, backlog),
    ]
  }
}
