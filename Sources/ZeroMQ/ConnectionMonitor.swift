import Bytes
internal import CZeroMQ
internal import Foundation

/// Observer of the connections of a socket: their ends, on request also their beginnings, and a
/// limit on those that are open.
///
/// A monitor belongs to the thread of its socket. It does not identify the peer: libzmq has no
/// identifier for a connection that the owner of a router could map to a peer's address. To find
/// the peer, send a message to each one and handle ``ZeroMQError/unknownPeer``.
public struct ConnectionMonitor: ~Copyable {
  /// A change of one connection.
  public enum Event: Sendable, Hashable {
    /// The transport is connected; the handshake of ZeroMQ follows.
    case connected
    /// The handshake succeeded: the peer is a ZeroMQ socket.
    case established
    /// The connection ended before its handshake was complete.
    case abandoned
    /// The connection ended, on either side's initiative.
    case disconnected
  }

  fileprivate let events: Socket
  private let observed: SocketHandle
  private var lastWasFailure = false
  /// The descriptors of the connections that were accepted and have not ended.
  private var accepted: Set<Int32> = []
  private var closed = 0
  private let limit: Int?
  private static let mostBytes = 4096

  /// Creates a monitor of a socket, which may already have connections.
  ///
  /// - Parameters:
  ///   - socket: The socket, which has no other monitor.
  ///   - beginnings: Whether ``Event/connected`` and ``Event/established`` are reported too.
  ///   - limit: The limit on accepted connections, if any. libzmq accepts connections until the
  ///     process has no descriptor left, and then tries again all the time; the monitor closes
  ///     those beyond the limit at the next call of ``takeEvents()``.
  /// - Throws: ``ZeroMQError/failed(operation:endpoint:code:reason:)`` if the socket already has a
  ///   monitor, or ``ZeroMQError/contextTerminated``.
  public init(
    of socket: borrowing Socket, beginnings: Bool = false, limit: Int? = nil
  ) throws(ZeroMQError) {
    self.limit = limit
    // libzmq's I/O thread, and with it every connection, blocks while this queue is full, so the
    // queue is unbounded. Events are small and are removed by the next call.
    var options = SocketOptions()
    options.receiveQueue = 0
    let events = try SocketHandle(.pair, context: socket.handle.context, options: options)
    let endpoint = socket.handle.context.uniqueEndpoint()
    // Connect before the monitor starts, since the I/O thread would block without a receiver as
    // well.
    try events.connect(endpoint)
    try socket.handle.startMonitor(
      at: endpoint, beginnings: beginnings, withAccepted: limit != nil)
    self.events = Socket(events)
    observed = socket.handle
  }

  deinit {
    // Stop before `events` is closed, since the I/O thread would block without a receiver.
    observed.stopMonitor()
  }

  /// Returns the number of connections that have ended since the last call, without waiting.
  ///
  /// No end is missed. A connection that is closed before its handshake is complete is not counted,
  /// except after a violation of the protocol. libzmq reports the end shortly before it removes the
  /// peer, so for a moment a message to that peer is still accepted.
  ///
  /// - Throws: ``ZeroMQError/contextTerminated``.
  public mutating func takeDisconnections() throws(ZeroMQError) -> Int {
    try takeEvents().count { $0 == .disconnected }
  }

  /// Returns the events since the last call in their order, without waiting.
  ///
  /// Events of different connections of the socket are not distinguished.
  ///
  /// - Throws: ``ZeroMQError/contextTerminated``.
  public mutating func takeEvents() throws(ZeroMQError) -> [Event] {
    var found: [Event] = []
    while let frames = try events.receive(maximumFrames: 2, maximumBytes: Self.mostBytes) {
      // An event consists of a 16-bit code and a 32-bit value in host byte order, and a second
      // frame with the endpoint.
      guard let first = frames.first?.array, first.count >= 6 else { continue }
      let (code, value) = first.withUnsafeBytes {
        (
          Int32($0.loadUnaligned(as: UInt16.self)),
          $0.loadUnaligned(fromByteOffset: 2, as: Int32.self)
        )
      }
      if code == ZMQ_EVENT_ACCEPTED { accept(value) }
      if code == ZMQ_EVENT_DISCONNECTED { accepted.remove(value) }
      if let event = event(code) { found.append(event) }
      // libzmq reports a disconnection directly after such a failure.
      if code != ZMQ_EVENT_ACCEPTED {
        lastWasFailure = code == ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL
      }
    }
    return found
  }

  private func event(_ code: Int32) -> Event? {
    switch code {
    case ZMQ_EVENT_CONNECTED: .connected
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: .established
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: .abandoned
    case ZMQ_EVENT_DISCONNECTED: lastWasFailure ? nil : .disconnected
    default: nil
    }
  }

  /// Returns the number of connections closed since the last call because they exceeded the limit.
  public mutating func takeClosed() -> Int {
    defer { closed = 0 }
    return closed
  }

  /// Adds a connection, and ends it if it exceeds the limit: libzmq finds it closed by the peer.
  ///
  /// The descriptor may already be that of a later connection, which is then closed instead, or of
  /// a file, on which the call has no effect.
  private mutating func accept(_ descriptor: Int32) {
    accepted.insert(descriptor)
    guard let limit, accepted.count > limit else { return }
    closed += 1
    _ = shutdown(descriptor, Int32(SHUT_RDWR))
  }
}

extension Poller {
  /// Adds a monitor, which becomes readable when connections may have ended.
  public mutating func add(_ monitor: borrowing ConnectionMonitor, as key: Key) {
    add(monitor.events, as: key)
  }
}

extension SocketHandle {
  fileprivate func startMonitor(
    at endpoint: String, beginnings: Bool, withAccepted: Bool
  ) throws(ZeroMQError) {
    guard !isMonitored else {
      throw .failed(
        operation: "monitor", endpoint: endpoint, code: EBUSY, reason: "the socket has a monitor")
    }
    var events = ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL
    if beginnings { events |= ZMQ_EVENT_CONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED }
    if withAccepted { events |= ZMQ_EVENT_ACCEPTED }
    guard zmq_socket_monitor(try open(), endpoint, events) == 0 else {
      throw .last("monitor", endpoint)
    }
    isMonitored = true
  }
}
