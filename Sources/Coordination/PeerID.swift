import Bytes

/// The address of a connection, as the server's socket gives it: opaque, random, and gone with the
/// connection. It says where to send, never who is there; workers are named in the protocol.
package struct PeerID: Hashable, Sendable, CustomStringConvertible {
  /// The routing id, 1 to 255 bytes.
  package let bytes: [UInt8]

  /// The peer behind this routing id.
  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The bytes in hexadecimal, for logs.
  package var description: String {
    bytes.hexadecimal
  }
}
