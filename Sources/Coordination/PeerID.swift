/// The address of a connection, as the server's socket gives it: opaque, random, and gone with the
/// connection. It says where to send, never who is there; workers are named in the protocol.
public struct PeerID: Hashable, Sendable, CustomStringConvertible {
  /// The routing id, 1 to 255 bytes.
  public let bytes: [UInt8]

  /// The peer behind this routing id.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The bytes in hexadecimal, for logs.
  public var description: String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
