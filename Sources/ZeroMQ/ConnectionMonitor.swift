import Bytes
internal import CZeroMQ
internal import Foundation

/// Observer of the connections of a socket: their ends and, on request, their beginnings.
///
/// A monitor belongs to the thread of its socket. An event does not identify the peer; on the
/// server's side its descriptor is that of ``MessageOrigin``.
public struct ConnectionMonitor: ~Copyable {
  /// The events to report besides ``Event/abandoned`` and ``Event/disconnected``.
  public enum Scope: Sendable, Hashable {
    /// None.
    case ends
    /// ``Event/connected``, ``Event/established``, ``Event/mismatched`` and ``Event/denied``: for
    /// a client.
    case beginnings
    /// ``Event/listening(_:)``, ``Event/accepted(_:)``, ``Event/closed(_:)``, ``Event/mismatched``
    /// and ``Event/denied``: for a server.
    case descriptors
  }

  /// A change of one connection.
  public enum Event: Sendable, Hashable {
    /// The socket was bound to an endpoint, where it listens with this descriptor.
    case listening(Int32)
    /// A connection was accepted; it has this descriptor.
    case accepted(Int32)
    /// The accepted connection with this descriptor has ended, at whatever stage.
    case closed(Int32)
    /// The transport is connected; the handshake of ZeroMQ follows.
    case connected
    /// The handshake succeeded: the peer is a ZeroMQ socket.
    case established
    /// The connection ended before its handshake was complete.
    case abandoned
    /// The handshake failed because the peer violates the protocol or uses another mechanism: one
    /// side is plain text, or the server's key is another one.
    case mismatched
    /// The handshake failed because the server does not admit the key.
    case denied
    /// The connection ended, on either side's initiative, after its handshake.
    case disconnected
  }

  fileprivate let events: Socket
  private let observed: SocketHandle
  private let scope: Scope
  private var lastWasFailure = false
  private static let mostBytes = 4096

  /// Creates a monitor of a socket, which may already have connections.
  ///
  /// - Parameters:
  ///   - socket: The socket, which has no other monitor.
  ///   - scope: The events to report.
  /// - Throws: ``ZeroMQError/failed(operation:endpoint:code:reason:)`` if the socket already has a
  ///   monitor, or ``ZeroMQError/contextTerminated``.
  public init(
    of socket: borrowing Socket, reporting scope: Scope = .ends
  ) throws(ZeroMQError) {
    self.scope = scope
    // libzmq's I/O thread, and with it every connection, blocks while this queue is full, so the
    // queue is unbounded. Events are small and are removed by the next call.
    var options = SocketOptions()
    options.receiveQueue = 0
    let events = try SocketHandle(.pair, context: socket.handle.context, options: options)
    let endpoint = socket.handle.context.uniqueEndpoint()
    // Connect before the monitor starts, since the I/O thread would block without a receiver as
    // well.
    try events.connect(endpoint)
    try socket.handle.startMonitor(at: endpoint, scope)
    self.events = Socket(events)
    observed = socket.handle
  }

  deinit {
    // Stop before `events` is closed, since the I/O thread would block without a receiver.
    observed.stopMonitor()
  }

  /// Returns the number of connections that have ended since the last call, without waiting.
  ///
  /// No end is missed. A connection that ended before its handshake was complete is not counted.
  /// libzmq reports the end shortly before it removes the peer, so for a moment a message to that
  /// peer is still accepted.
  ///
  /// - Throws: ``ZeroMQError/contextTerminated``.
  public mutating func takeDisconnections() throws(ZeroMQError) -> Int {
    try takeEvents().count { $0 == .disconnected }
  }

  /// Returns the events since the last call in their order, without waiting.
  ///
  /// - Parameter most: The number of events from which on further ones are left for the next call.
  /// - Throws: ``ZeroMQError/contextTerminated``.
  public mutating func takeEvents(atMost most: Int = .max) throws(ZeroMQError) -> [Event] {
    var found: [Event] = []
    while found.count < most,
      let frames = try events.receive(maximumFrames: 2, maximumBytes: Self.mostBytes)
    {
      // An event consists of a 16-bit code and a 32-bit value in host byte order, and a second
      // frame with the endpoint.
      guard let first = frames.first?.array, first.count >= 6 else { continue }
      let (code, value) = unsafe first.withUnsafeBytes {
        unsafe (
          Int32($0.loadUnaligned(as: UInt16.self)),
          $0.loadUnaligned(fromByteOffset: 2, as: Int32.self)
        )
      }
      if code == ZMQ_EVENT_DISCONNECTED, scope == .descriptors { found.append(.closed(value)) }
      if let event = event(code, value) { found.append(event) }
      if code != ZMQ_EVENT_ACCEPTED { lastWasFailure = Self.isFailure(code) }
    }
    return found
  }

  private func event(_ code: Int32, _ value: Int32) -> Event? {
    switch code {
    case ZMQ_EVENT_LISTENING: .listening(value)
    case ZMQ_EVENT_ACCEPTED: .accepted(value)
    case ZMQ_EVENT_CONNECTED: .connected
    case ZMQ_EVENT_HANDSHAKE_SUCCEEDED: .established
    case ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL: .abandoned
    case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL: scope == .ends ? .abandoned : .mismatched
    case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH: scope == .ends ? .abandoned : .denied
    // libzmq reports a disconnection directly after a failure.
    case ZMQ_EVENT_DISCONNECTED: lastWasFailure ? nil : .disconnected
    default: nil
    }
  }

  private static func isFailure(_ code: Int32) -> Bool {
    code == ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL || code == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL
      || code == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
  }

  /// Ends an accepted connection: libzmq finds it closed by the peer.
  ///
  /// The descriptor may already be that of a later connection, which is then closed instead and
  /// replaced by its peer, or of a file, on which the call has no effect.
  public func close(_ descriptor: Int32) { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
}

extension Poller {
  /// Adds a monitor, which becomes readable when connections may have ended.
  public mutating func add(_ monitor: borrowing ConnectionMonitor, as key: Key) {
    add(monitor.events, as: key)
  }
}

extension SocketHandle {
  fileprivate func startMonitor(
    at endpoint: String, _ scope: ConnectionMonitor.Scope
  ) throws(ZeroMQError) {
    guard !isMonitored else {
      throw .failed(
        operation: "monitor", endpoint: endpoint, code: EBUSY, reason: "the socket has a monitor")
    }
    guard unsafe zmq_socket_monitor(try open(), endpoint, scope.events) == 0 else {
      throw .last("monitor", endpoint)
    }
    isMonitored = true
  }
}

extension ConnectionMonitor.Scope {
  fileprivate var events: Int32 {
    let ends =
      ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL
      | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
    return switch self {
    case .ends: ends
    case .beginnings: ends | ZMQ_EVENT_CONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED
    case .descriptors: ends | ZMQ_EVENT_LISTENING | ZMQ_EVENT_ACCEPTED
    }
  }
}
