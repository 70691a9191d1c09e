import Coordination
import ZeroMQ

/// The state of a worker's connection below the protocol, as reported by a monitor of its socket.
struct LinkState: Sendable, Equatable {
  /// The stage of the connection.
  enum Stage: Sendable, Equatable {
    /// Not connected.
    case none
    /// The transport is connected; the peer has not completed ZeroMQ's handshake.
    case connected
    /// Connected to a ZeroMQ socket.
    case established
    /// The peer closed connections without ZeroMQ's handshake.
    case closed
    /// The handshake failed: one side does not encrypt, or encrypts for another server.
    case mismatched
    /// The server does not admit the key.
    case denied
  }

  /// The current stage.
  private(set) var stage = Stage.none
  /// The time at which it began.
  private(set) var since: Moment

  /// Duration after which an incomplete handshake was ended by this side; libzmq's limit is longer.
  private static let patience = Duration.seconds(4)

  /// Creates the state of a connection that does not exist yet.
  init(at now: Moment) {
    since = now
  }

  /// Changes the state according to an event of the monitor.
  mutating func apply(_ event: ConnectionMonitor.Event, at now: Moment) {
    switch (event, stage) {
    case (.listening, _), (.accepted, _), (.closed, _): break  // of a server's monitor
    // Another attempt, which probably ends in the same way.
    case (.connected, .closed), (.connected, .mismatched), (.connected, .denied): break
    case (.mismatched, _): enter(.mismatched, at: now)
    case (.denied, _): enter(.denied, at: now)
    case (.connected, _): enter(.connected, at: now)
    case (.established, _): enter(.established, at: now)
    case (_, .connected) where now.since(since) < Self.patience: enter(.closed, at: now)
    case (_, .closed), (_, .mismatched), (_, .denied): break
    case (.disconnected, _), (.abandoned, _): enter(.none, at: now)
    }
  }

  private mutating func enter(_ stage: Stage, at now: Moment) {
    self.stage = stage
    since = now
  }
}
