import Bytes
package import Wire
package import ZeroMQ

/// A worker's connection over a DEALER socket, with a queue of messages to send and limits on the
/// messages it accepts.
package final class ServerConnection: Connection {
  /// The server's endpoint.
  package let endpoint: String
  private let context: Context
  private var socket: Socket
  private var outbox: [[[UInt8]]] = []
  private let limits = WireLimits()

  /// Creates a connection to the server at `endpoint`, which need not be running yet.
  ///
  /// - Throws: ``ZeroMQError`` if the endpoint is invalid.
  package init(to endpoint: String, context: Context) throws(ZeroMQError) {
    self.endpoint = endpoint
    self.context = context
    socket = try Self.connect(endpoint, context)
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
      let frames = try socket.receive(
        maximumFrames: limits.maximumFrames, maximumBytes: limits.maximumMessageBytes)
      return frames.map(delivery)
    } catch .messageTooLarge(let frames, let bytes, _) {
      return malformed("a message of \(frames) frames and \(bytes) bytes, which exceeds the limits")
    }
  }

  /// Replaces the socket by a new one and clears the queue.
  package func reconnect() throws(ZeroMQError) {
    outbox = []
    socket = try Self.connect(endpoint, context)
  }

  /// Adds the socket to a poller: for reading, and for writing while messages are queued.
  package func add<Key>(to poller: inout Poller<Key>, as key: Key) {
    poller.add(socket, as: key, for: outbox.isEmpty ? .readable : [.readable, .writable])
  }

  private static func connect(
    _ endpoint: String, _ context: Context
  ) throws(ZeroMQError) -> Socket {
    var options = SocketOptions.session
    // The core detects silence, with the limit from the welcome.
    options.heartbeatMilliseconds = 0
    let socket = try Socket(.dealer, context: context, options: options)
    try socket.connect(endpoint)
    return socket
  }

  /// Sends queued messages until the socket accepts no more. A message during which the connection
  /// broke is dropped; the server detects the gap in the numbers.
  private func flush() throws(ZeroMQError) {
    while let message = outbox.first {
      do {
        try socket.send(message)
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
