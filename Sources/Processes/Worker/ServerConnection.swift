import Bytes
package import Wire
package import ZeroMQ

/// A worker's connection over a DEALER socket, with a queue of messages to send and limits on the
/// messages it accepts.
package final class ServerConnection: Connection {
  /// The server's endpoint.
  package let endpoint: String
  private let context: Context
  private let security: SocketSecurity
  private var link: Link
  private var outbox: [[[UInt8]]] = []
  private let limits = WireLimits()

  /// Creates a connection to the server at `endpoint`, which need not be running yet.
  ///
  /// - Parameter security: the protection of the connection.
  /// - Throws: ``ZeroMQError`` if the endpoint is invalid.
  package init(
    to endpoint: String, security: SocketSecurity = .none, context: Context
  ) throws(ZeroMQError) {
    self.endpoint = endpoint
    self.context = context
    self.security = security
    link = try Link(to: endpoint, security, context)
  }

  /// Queues a message and sends what the socket accepts.
  package func send(_ message: NumberedMessage) throws(ZeroMQError) {
    outbox.append(message.encoded())
    try flush()
  }

  /// Sends what the socket accepts of the queue, then returns the next received message, if any.
  package func receive() throws(ZeroMQError) -> Delivery? {
    try flush()
    do {
      let frames = try link.socket.receive(
        maximumFrames: limits.maximumFrames, maximumBytes: limits.maximumMessageBytes)
      return frames.map(delivery)
    } catch .messageTooLarge(let frames, let bytes, _) {
      return malformed("a message of \(frames) frames and \(bytes) bytes, which exceeds the limits")
    }
  }

  /// Replaces the socket by a new one and clears the queue.
  package func reconnect() throws(ZeroMQError) {
    outbox = []
    link = try Link(to: endpoint, security, context)
  }

  /// Returns the events of the socket's connections since the last call.
  package func takeEvents() throws(ZeroMQError) -> [ConnectionMonitor.Event] {
    try link.monitor.takeEvents()
  }

  /// Adds the socket to a poller: for reading, and for writing while messages are queued.
  package func add<Key>(to poller: inout Poller<Key>, as key: Key) {
    poller.add(link.socket, as: key, for: outbox.isEmpty ? .readable : [.readable, .writable])
  }

  /// Sends queued messages until the socket accepts no more. A message during which the connection
  /// broke is dropped; the server detects the gap in the numbers.
  private func flush() throws(ZeroMQError) {
    while let message = outbox.first {
      do {
        try link.socket.send(message)
        outbox.removeFirst()
      } catch .wouldBlock {
        return
      } catch .connectionLost {
        outbox.removeFirst()
      }
    }
  }

  private func delivery(of frames: [Bytes]) -> Delivery {
    do {
      return .message(try NumberedMessage(frames: frames, limits: limits))
    } catch {
      return malformed("a message that is not of this protocol (\(error))")
    }
  }

  private func malformed(_ message: String) -> Delivery {
    .malformed(
      reason: "\(endpoint) sent \(message); "
        + "check the endpoint, or use the same version on both sides")
  }
}

/// A connected socket with the monitor of its connections.
private struct Link: ~Copyable {
  let socket: Socket
  var monitor: ConnectionMonitor

  init(
    to endpoint: String, _ security: SocketSecurity, _ context: Context
  ) throws(ZeroMQError) {
    var options = SocketOptions.session
    options.security = security
    // The core detects silence, with the limit from the welcome.
    options.heartbeatMilliseconds = 0
    let socket = try Socket(.dealer, context: context, options: options)
    let monitor = try ConnectionMonitor(of: socket, reporting: .beginnings)
    try socket.connect(endpoint)
    self.socket = socket
    self.monitor = monitor
  }
}
