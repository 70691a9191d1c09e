import Bytes
internal import CZeroMQ

/// Owner of a received frame in libzmq's memory; it releases the memory on any thread.
///
/// The `zmq_msg_t` has a heap allocation because it must not be moved. It is immutable once
/// received, so any thread may read it.
@safe
final class ReceivedMessage: BytesOwner, @unchecked Sendable {
  private let message: UnsafeMutablePointer<zmq_msg_t>
  let memory: UnsafeRawBufferPointer

  /// Creates an owner of the content of another message, which becomes empty.
  init(taking other: UnsafeMutablePointer<zmq_msg_t>) {
    unsafe message = .allocate(capacity: 1)
    _ = unsafe zmq_msg_init(message)
    let code = unsafe zmq_msg_move(message, other)
    precondition(code == 0, "cannot move a received message")
    unsafe memory = UnsafeRawBufferPointer(
      start: zmq_msg_data(message), count: zmq_msg_size(message))
  }

  deinit {
    _ = unsafe zmq_msg_close(message)
    unsafe message.deallocate()
  }
}
