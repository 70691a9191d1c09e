internal import CZeroMQ

/// Bytes that libzmq sends from where they lie.
///
/// Nobody changes them meanwhile: an array that is held by two is copied before either changes it,
/// and this object is one of the two. So a message goes to any number of peers without a copy.
private final class LentBytes: Sendable {
  let bytes: [UInt8]
  init(_ bytes: [UInt8]) { self.bytes = bytes }
}

extension SocketHandle {
  /// Below this length a copy costs less than to share the memory.
  static let leastLent = 4096

  /// Puts a frame into an empty message.
  func fill(_ message: UnsafeMutablePointer<zmq_msg_t>, with bytes: [UInt8]) {
    guard bytes.count < Self.leastLent else { return lend(bytes, to: message) }
    let code = zmq_msg_init_size(message, bytes.count)
    precondition(code == 0, "out of memory for a frame of \(bytes.count) bytes")
    UnsafeMutableRawBufferPointer(start: zmq_msg_data(message), count: bytes.count)
      .copyBytes(from: bytes)
  }

  /// libzmq gives the bytes back when the last message of them is sent or dropped, in whichever
  /// thread that happens.
  private func lend(_ bytes: [UInt8], to message: UnsafeMutablePointer<zmq_msg_t>) {
    let lent = LentBytes(bytes)
    // An array's elements stay where they are as long as it is held and not changed.
    let start = lent.bytes.withUnsafeBytes { UnsafeMutableRawPointer(mutating: $0.baseAddress) }
    let code = zmq_msg_init_data(
      message, start, bytes.count,
      { _, hint in
        if let hint { Unmanaged<LentBytes>.fromOpaque(hint).release() }
      }, Unmanaged.passRetained(lent).toOpaque())
    precondition(code == 0, "out of memory for a message")
  }
}
