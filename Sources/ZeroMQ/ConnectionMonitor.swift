import Bytes
internal import CZeroMQ

/// Tells the owner of a socket that connections to it ended, whoever ended them.
///
/// It belongs to the socket's thread. Which peer is gone it does not say: libzmq has no name for a
/// connection that a router's owner would know, so that one has to ask its peers.
public struct ConnectionMonitor: ~Copyable {
  fileprivate let events: Socket
  private let observed: SocketHandle
  private var lastWasFailure = false
  private static let mostBytes = 4096

  /// Listens to a socket from here on, which may have connections already.
  ///
  /// - Throws: ``ZeroMQError/failed(operation:endpoint:code:reason:)`` if another monitor listens
  ///   to the socket, or ``ZeroMQError/contextTerminated``.
  public init(of socket: borrowing Socket) throws(ZeroMQError) {
    // libzmq's I/O thread waits while the queue is full, and all its connections with it; so there
    // is no bound. What it holds is short, and is there only until it is taken.
    var options = SocketOptions()
    options.receiveQueue = 0
    let events = try SocketHandle(.pair, context: socket.handle.context, options: options)
    let endpoint = socket.handle.context.uniqueEndpoint()
    // In this order, since the I/O thread would wait for a listener as well.
    try events.connect(endpoint)
    try socket.handle.startMonitor(at: endpoint)
    self.events = Socket(events)
    observed = socket.handle
  }

  deinit {
    // Before `events` is closed, for the same reason.
    observed.stopMonitor()
  }

  /// The number of connections that ended since this was asked last; does not wait.
  ///
  /// None is missed. A stranger who leaves before the handshake is over is not counted, unless by
  /// a breach of the protocol. A connection's end is told shortly before libzmq forgets the peer,
  /// so for a moment a message to it is still taken.
  ///
  /// - Throws: ``ZeroMQError/contextTerminated``.
  public mutating func takeEnds() throws(ZeroMQError) -> Int {
    var ends = 0
    while let event = try events.receive(maximumFrames: 2, maximumBytes: Self.mostBytes) {
      // An event is 16 bits in the host's order, a value of 32, and a frame with the endpoint.
      guard let first = event.first?.array, first.count >= 2 else { continue }
      let code = first.withUnsafeBytes { Int32($0.loadUnaligned(as: UInt16.self)) }
      if code == ZMQ_EVENT_DISCONNECTED && !lastWasFailure { ends += 1 }
      // libzmq tells the end of such a connection directly after its failure.
      lastWasFailure = code == ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL
    }
    return ends
  }
}

extension Poller {
  /// Adds a monitor, which is readable when connections may have ended.
  public mutating func add(_ monitor: borrowing ConnectionMonitor, as key: Key) {
    add(monitor.events, as: key)
  }
}

extension SocketHandle {
  fileprivate func startMonitor(at endpoint: String) throws(ZeroMQError) {
    guard !isMonitored else {
      throw .failed(
        operation: "monitor", endpoint: endpoint, code: EBUSY, reason: "the socket has one")
    }
    let events = ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL
    guard zmq_socket_monitor(try open(), endpoint, events) == 0 else {
      throw .last("monitor", endpoint)
    }
    isMonitored = true
  }
}
