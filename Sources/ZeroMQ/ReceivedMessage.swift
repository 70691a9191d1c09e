import Bytes
internal import CZeroMQ

/// A frame in libzmq's memory, where it arrived; it is given back with this object, in whichever
/// thread that happens.
///
/// What libzmq keeps of a message has a place of its own on the heap, since it must not be moved,
/// and nobody changes it any more: so it may be read in any thread.
final class ReceivedMessage: BytesOwner, @unchecked Sendable {
  private let message: UnsafeMutablePointer<zmq_msg_t>
  let memory: UnsafeRawBufferPointer

  /// Takes over what another message holds, which is empty then.
  init(taking other: UnsafeMutablePointer<zmq_msg_t>) {
    message = .allocate(capacity: 1)
    _ = zmq_msg_init(message)
    let code = zmq_msg_move(message, other)
    precondition(code == 0, "a received message is always valid")
    memory = UnsafeRawBufferPointer(start: zmq_msg_data(message), count: zmq_msg_size(message))
  }

  deinit {
    _ = zmq_msg_close(message)
    message.deallocate()
  }
}
