import Bytes
package import Wire
package import ZeroMQ

/// A worker's connection over a DEALER socket, with a queue of messages to send and limits on the
/// messages it accepts.
///
/// Several endpoints of a server are tried in turn; a location that is a file is read again before
/// each attempt.
package final class ServerConnection: Connection {
  private let location: ServerLocation
  private let context: Context
  private var route: ServerRoute?
  private var candidate = 0
  private var link: Link?
  /// Whether the server has sent something over ``link``.
  private var isAnswered = false
  private var outbox: [[[UInt8]]] = []
  /// The first message since the last ``reconnect()``, which is sent again over another link.
  private var opening: [[UInt8]]?
  /// The reason for which the location could not be read the last time.
  private var failure: (any Error)?
  private let limits = WireLimits()

  /// Creates a connection to the server at a location, which need not exist yet.
  ///
  /// - Throws: ``AccessError`` or a ``StorageError`` if the location cannot be used;
  ///   ``ZeroMQError`` if an endpoint is invalid.
  package init(to location: ServerLocation, context: Context) throws {
    self.location = location
    self.context = context
    route = try location.read()
    link = try makeLink()
  }

  /// The endpoint of the current attempt; the place that will name one if there is none yet.
  package var endpoint: String { current?.endpoint ?? location.description }

  private var current: ServerRoute.Candidate? { route?.candidates[candidate] }

  /// The fault of the location, if it names no server.
  package var locationFault: ConnectionFault? {
    guard route == nil else { return nil }
    return ConnectionFault(
      failure.map { .unusable("\($0)") } ?? .unpublished, endpoint: endpoint)
  }

  /// Queues a message and sends what the socket accepts.
  package func send(_ message: NumberedMessage) throws(ZeroMQError) {
    let frames = message.encoded()
    opening = opening ?? frames
    outbox.append(frames)
    try flush()
  }

  /// Sends what the socket accepts of the queue, then returns the next received message, if any.
  package func receive() throws(ZeroMQError) -> Delivery? {
    try flush()
    do {
      let frames = try link?.socket.receive(
        maximumFrames: limits.maximumFrames, maximumBytes: limits.maximumMessageBytes)
      guard let frames else { return nil }
      isAnswered = true
      return delivery(of: frames)
    } catch .messageTooLarge(let frames, let bytes, _) {
      return malformed("a message of \(frames) frames and \(bytes) bytes, which exceeds the limits")
    }
  }

  /// Replaces the socket by a new one and clears the queue. An endpoint that did not answer is
  /// followed by the next one.
  package func reconnect() throws(ZeroMQError) {
    (outbox, opening) = ([], nil)
    if !readLocation(), !isAnswered { advance() }
    link = try makeLink()
  }

  /// Replaces the socket by one to the next endpoint, if there is another one, and sends the first
  /// message since the last ``reconnect()`` again.
  package func tryNext() throws(ZeroMQError) -> Bool {
    let former = current
    if !readLocation() { advance() }
    guard current != former else { return false }
    outbox = opening.map { [$0] } ?? []
    link = try makeLink()
    try flush()
    return true
  }

  /// Returns the events of the socket's connections since the last call.
  package func takeEvents() throws(ZeroMQError) -> [ConnectionMonitor.Event] {
    try link?.monitor.takeEvents() ?? []
  }

  /// Adds the socket to a poller: for reading, and for writing while messages are queued.
  package func add<Key>(to poller: inout Poller<Key>, as key: Key) {
    guard let link else { return }
    poller.add(link.socket, as: key, for: outbox.isEmpty ? .readable : [.readable, .writable])
  }

  // MARK: Endpoints

  /// Reads the location again, and begins with its first endpoint if it has changed.
  ///
  /// - Returns: whether it has. A location that cannot be read any more leaves the endpoints as
  ///   they are.
  private func readLocation() -> Bool {
    do {
      let read = try location.read()
      failure = nil
      guard let read, read != route else { return false }
      (route, candidate) = (read, 0)
      return true
    } catch {
      failure = error
      return false
    }
  }

  private func advance() {
    guard let route else { return }
    candidate = (candidate + 1) % route.candidates.count
  }

  private func makeLink() throws(ZeroMQError) -> Link? {
    isAnswered = false
    guard let route, let current else { return nil }
    return try Link(to: current, route.security, context)
  }

  // MARK: Messages

  /// Sends queued messages until the socket accepts no more. A message during which the connection
  /// broke is dropped; the server detects the gap in the numbers.
  private func flush() throws(ZeroMQError) {
    guard let link else { return }
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
private final class Link {
  let socket: Socket
  var monitor: ConnectionMonitor

  init(
    to candidate: ServerRoute.Candidate, _ security: SocketSecurity, _ context: Context
  ) throws(ZeroMQError) {
    var options = SocketOptions.session
    options.security = security
    // The core detects silence, with the limit from the welcome.
    options.heartbeatMilliseconds = 0
    let socket = try Socket(.dealer, context: context, options: options)
    let monitor = try ConnectionMonitor(of: socket, reporting: .beginnings)
    try socket.connect(candidate.endpoint, family: candidate.family)
    self.socket = socket
    self.monitor = monitor
  }
}
