import Coordination
import Wire
import ZeroMQ

/// A request for the state of a run, to a server that need not be running.
enum StatusInquiry {
  private static let turn = 100
  /// The time after which the next address of the server is tried.
  private static let attempt = Duration.seconds(2)

  /// Sends an inquiry and returns the answer.
  ///
  /// - Parameter patience: the time to wait for the server.
  /// - Throws: ``ObserverError``, ``ConnectionFault`` or a ``ZeroMQError``.
  static func ask(_ connection: any Connection, within patience: Duration) throws -> RunStatus {
    let clock = MonotonicClock()
    let deadline = clock.now.advanced(by: patience)
    var next = clock.now.advanced(by: attempt)
    try connection.send(NumberedMessage(.inquiry, number: 0))
    while clock.now < deadline {
      var poller = Poller<Int>()
      connection.add(to: &poller, as: 0)
      _ = try poller.wait(milliseconds: turn)
      let events = try connection.takeEvents()
      // The server may have closed the connection after its answer, which is read first.
      if let status = try answer(connection) { return status }
      for event in events {
        switch event {
        case .denied: throw ConnectionFault(.unauthorized, endpoint: connection.endpoint)
        case .mismatched: throw ConnectionFault(.mismatched, endpoint: connection.endpoint)
        case .disconnected: throw ObserverError.ended(endpoint: connection.endpoint)
        default: break
        }
      }
      guard clock.now >= next else { continue }
      next = clock.now.advanced(by: attempt)
      try connection.reconnect()
      try connection.send(NumberedMessage(.inquiry, number: 0))
    }
    throw ObserverError.silent(endpoint: connection.endpoint)
  }

  private static func answer(_ connection: any Connection) throws -> RunStatus? {
    while let delivery = try connection.receive() {
      switch delivery {
      case .malformed(let reason): throw ObserverError.refused(reason)
      case .message(let message):
        switch message.message {
        case .status(let status): return status
        case .refusal(let refusal): throw ObserverError.refused(refusal.detail)
        default: break
        }
      }
    }
    return nil
  }
}
