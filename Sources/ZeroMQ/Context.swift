internal import CZeroMQ
internal import Synchronization

/// Owner of libzmq's I/O threads, and the scope of `inproc` endpoints.
///
/// Unlike its sockets, a context may be used from any thread. It stays alive as long as any of its
/// sockets does. When the last reference is released, the I/O threads end after waiting for unsent
/// messages, at most for ``SocketOptions/lingerMilliseconds``.
@safe
public final class Context: Sendable {
  nonisolated(unsafe) let raw: UnsafeMutableRawPointer
  private let names = Atomic<UInt64>(0)
  /// Whether an authenticator has been bound.
  let hasAuthenticator = Atomic(false)

  /// Creates a context with one I/O thread.
  ///
  /// - Throws: ``ZeroMQError/failed(operation:endpoint:code:reason:)`` if the process has no file
  ///   descriptors left.
  public init() throws(ZeroMQError) {
    guard let raw = unsafe zmq_ctx_new() else { throw .last("context") }
    unsafe self.raw = raw
  }

  /// Terminates all operations on the context's sockets, in every thread: current and later ones
  /// throw ``ZeroMQError/contextTerminated``.
  public func shutdown() {
    _ = unsafe zmq_ctx_shutdown(raw)
  }

  /// Returns an `inproc` endpoint that is unique in the context.
  func uniqueEndpoint() -> String {
    "inproc://tributary-\(names.add(1, ordering: .relaxed).newValue)"
  }

  deinit {
    while unsafe zmq_ctx_term(raw) != 0 && zmq_errno() == EINTR {}
  }
}
