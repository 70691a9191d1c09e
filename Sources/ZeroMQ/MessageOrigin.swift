/// The connection from which a router received a message.
public struct MessageOrigin: Sendable, Hashable {
  /// The descriptor of the connection, as in the events of a ``ConnectionMonitor``; -1 for a socket
  /// of the same process. It may have been closed since, and belong to a later connection.
  public let descriptor: Int32
  /// The public key with which the peer was admitted; nil if the socket is not a CURVE server.
  public let key: CurvePublicKey?

  /// Whether the frame had the properties of its connection.
  var isKnown: Bool { descriptor >= 0 }
}
