internal import CZeroMQ

/// One frame to be sent.
public enum Frame {
  /// Bytes that are copied once, into libzmq's memory.
  case bytes([UInt8])
  /// Bytes that lie in libzmq's memory already and are not copied.
  case shared(SharedFrame)

  /// Makes a message that holds the frame in memory that holds an empty one.
  func fill(_ message: UnsafeMutablePointer<zmq_msg_t>) {
    switch self {
    case .bytes(let bytes): fillMessage(message, with: bytes)
    case .shared(let frame): frame.copy(to: message)
    }
  }
}

/// Bytes that are copied once and then sent to any number of peers without a further copy.
///
/// It belongs to one thread, like the sockets that it is sent on. What was queued is not affected
/// when it goes away.
public final class SharedFrame {
  /// The number of bytes.
  public let count: Int
  private let message: UnsafeMutablePointer<zmq_msg_t>

  /// Copies bytes into memory of libzmq.
  public init(_ bytes: [UInt8]) {
    count = bytes.count
    message = .allocate(capacity: 1)
    _ = zmq_msg_init(message)
    fillMessage(message, with: bytes)
  }

  deinit {
    _ = zmq_msg_close(message)
    message.deallocate()
  }

  /// Makes another message share the bytes; libzmq counts the references.
  fileprivate func copy(to other: UnsafeMutablePointer<zmq_msg_t>) {
    let code = zmq_msg_copy(other, message)
    precondition(code == 0, "a shared frame's message is always valid")
  }
}

/// Puts a copy of bytes into an empty message.
private func fillMessage(_ message: UnsafeMutablePointer<zmq_msg_t>, with bytes: [UInt8]) {
  let code = zmq_msg_init_size(message, bytes.count)
  precondition(code == 0, "out of memory for a frame of \(bytes.count) bytes")
  UnsafeMutableRawBufferPointer(start: zmq_msg_data(message), count: bytes.count)
    .copyBytes(from: bytes)
}
