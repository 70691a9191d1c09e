package import Wire
package import ZeroMQ

/// A message from the server, or the reason why the received bytes are not one.
package enum Delivery: Sendable, Equatable {
  /// A valid message.
  case message(NumberedMessage)
  /// Bytes outside the protocol or its limits; the reason is one line and names the endpoint.
  case malformed(reason: String)
}

/// A worker's connection to its server, for one thread. No call waits.
package protocol Connection: AnyObject {
  /// The endpoint of the current attempt.
  var endpoint: String { get }

  /// Queues a message and sends what the network accepts.
  func send(_ message: NumberedMessage) throws(ZeroMQError)

  /// Sends what the network accepts of the queued messages, then returns the next received one.
  ///
  /// - Returns: nil if nothing has arrived.
  func receive() throws(ZeroMQError) -> Delivery?

  /// Replaces the connection by a new one; messages queued in either direction are dropped.
  func reconnect() throws(ZeroMQError)

  /// Replaces the connection by one to another endpoint of the server, if there is one; the first
  /// message since the last ``reconnect()`` is sent again.
  ///
  /// - Returns: false if there is no other one; nothing was changed then.
  func tryNext() throws(ZeroMQError) -> Bool

  /// The fault of the place that should name the server, if it names none.
  var locationFault: ConnectionFault? { get }

  /// Returns what happened to the connection below the protocol since the last call.
  func takeEvents() throws(ZeroMQError) -> [ConnectionMonitor.Event]

  /// Adds the connection to a poller. It is ready when a message has arrived or when queued
  /// messages can be sent; ``receive()`` handles both.
  func add<Key>(to poller: inout Poller<Key>, as key: Key)
}
