internal import CZeroMQ

/// The kinds of sockets that are used here.
public enum SocketKind: Sendable, Hashable {
  /// Talks to many peers; the first frame of each message is the peer's address.
  case router
  /// Talks to one router.
  case dealer
  /// Talks to one other pair, within the process.
  case pair

  var code: Int32 {
    switch self {
    case .router: ZMQ_ROUTER
    case .dealer: ZMQ_DEALER
    case .pair: ZMQ_PAIR
    }
  }
}

/// How a socket deals with time, memory and peers.
///
/// libzmq's own defaults wait for ever, queue a thousand messages for each peer, and take messages
/// of any size; none of that suits a server that others depend on.
public struct SocketOptions: Sendable, Hashable {
  /// How long messages that are not yet sent keep the process alive after the socket is closed.
  public var lingerMilliseconds: Int32 = 1000
  /// Messages queued to each peer before ``ZeroMQError/wouldBlock``.
  public var sendQueue: Int32 = 8
  /// Messages queued from each peer before it has to wait.
  public var receiveQueue: Int32 = 8
  /// Bytes of one frame, beyond which the sender is disconnected before memory is taken for them.
  public var maximumFrameBytes: Int64 = 128 << 20
  /// Time between two signs of life on the connection; 0 for none.
  public var heartbeatMilliseconds: Int32 = 1000
  /// Silence after which the connection counts as broken, half-open ones included.
  public var heartbeatTimeoutMilliseconds: Int32 = 3000
  /// Time a peer has for the greeting before it is disconnected.
  public var handshakeMilliseconds: Int32 = 5000
  /// Time to the first attempt to connect again.
  public var reconnectMilliseconds: Int32 = 100
  /// The longest time between two attempts to connect; the time doubles up to here.
  public var maximumReconnectMilliseconds: Int32 = 2000
  /// True if a dealer queues only for a server that it is connected to, and otherwise throws
  /// ``ZeroMQError/wouldBlock``, so that no backlog waits for a dead one.
  public var onlyToConnected = true

  /// The options of which each can be changed.
  public init() {}

  /// libzmq's numbers of the options that hold for every kind of socket, with their values.
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
    ]
  }
}
