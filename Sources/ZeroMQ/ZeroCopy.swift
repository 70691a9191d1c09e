internal import CZeroMQ

/// Bytes that libzmq sends directly from the memory of an array.
///
/// The reference held by this object keeps the array's storage shared, so any mutation elsewhere
/// copies it first. One array can thus be sent to any number of peers without a copy.
private final class RetainedBytes: Sendable {
  let bytes: [UInt8]
  init(_ bytes: [UInt8]) { self.bytes = bytes }
}

extension SocketHandle {
  /// The minimum length of a frame to share; copying a shorter one is cheaper.
  static let minimumSharedBytes = 4096

  /// Stores a frame in an empty message.
  func fill(_ message: UnsafeMutablePointer<zmq_msg_t>, with bytes: [UInt8]) {
    guard bytes.count < Self.minimumSharedBytes else { return unsafe share(bytes, to: message) }
    let code = unsafe zmq_msg_init_size(message, bytes.count)
    precondition(code == 0, "out of memory for a frame of \(bytes.count) bytes")
    unsafe UnsafeMutableRawBufferPointer(start: zmq_msg_data(message), count: bytes.count)
      .copyBytes(from: bytes)
  }

  /// Shares an array with a message. libzmq releases it, on any thread, when the last message that
  /// refers to it has been sent or dropped.
  private func share(_ bytes: [UInt8], to message: UnsafeMutablePointer<zmq_msg_t>) {
    let retained = RetainedBytes(bytes)
    // The elements of an array have a stable address while a reference prevents mutation in place.
    let start = unsafe retained.bytes.withUnsafeBytes {
      unsafe UnsafeMutableRawPointer(mutating: $0.baseAddress)
    }
    let code = unsafe zmq_msg_init_data(
      message, start, bytes.count,
      { _, hint in
        if let hint = unsafe hint { unsafe Unmanaged<RetainedBytes>.fromOpaque(hint).release() }
      }, unsafe Unmanaged.passRetained(retained).toOpaque())
    precondition(code == 0, "out of memory for a message")
  }
}
