import Wire
import ZeroMQ

/// A connection with crash points before a hello and after a welcome, a lease or a push.
final class FaultyConnection: Connection {
  private let connection: any Connection
  private let trigger: CrashTrigger

  /// Creates a connection that forwards to `connection` and reports its messages to `trigger`.
  init(_ connection: any Connection, trigger: CrashTrigger) {
    self.connection = connection
    self.trigger = trigger
  }

  var endpoint: String { connection.endpoint }

  func send(_ message: NumberedMessage) throws(ZeroMQError) {
    if case .hello = message.message { trigger.pass(.hello) }
    try connection.send(message)
    if case .push = message.message { trigger.pass(.push) }
  }

  func receive() throws(ZeroMQError) -> Delivery? {
    let delivery = try connection.receive()
    guard case .message(let received) = delivery else { return delivery }
    switch received.message {
    case .welcome: trigger.pass(.welcome)
    case .grant(let grant): for _ in grant.leases { trigger.pass(.grant) }
    default: break
    }
    return delivery
  }

  func reconnect() throws(ZeroMQError) { try connection.reconnect() }

  func tryNext() throws(ZeroMQError) -> Bool { try connection.tryNext() }

  var locationFault: ConnectionFault? { connection.locationFault }

  func takeEvents() throws(ZeroMQError) -> [ConnectionMonitor.Event] {
    try connection.takeEvents()
  }
  func add<Key>(to poller: inout Poller<Key>, as key: Key) {
    connection.add(to: &poller, as: key)
  }
}
