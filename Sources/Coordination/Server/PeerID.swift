import Bytes

/// The routing id of a connection, as assigned by the server's socket: opaque, random, and invalid
/// once the connection has closed. It is an address only; the protocol identifies workers by name
/// and incarnation.
package struct PeerID: Hashable, Sendable, CustomStringConvertible {
  /// The routing id, 1 to 255 bytes.
  package let bytes: [UInt8]

  /// Creates a peer id from a routing id.
  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The bytes in hexadecimal, for logs.
  package var description: String {
    bytes.hexadecimal
  }
}
