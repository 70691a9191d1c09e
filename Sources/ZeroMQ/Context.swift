internal import CZeroMQ
internal import Synchronization

/// The home of sockets that may reach each other within the process; owns libzmq's I/O threads.
///
/// A context may be used from every thread, unlike the sockets made in it. It lives as long as a
/// socket does; with the last of both, libzmq's threads end, which waits for messages still to be
/// sent for at most the sockets' ``SocketOptions/lingerMilliseconds``.
public final class Context: Sendable {
  nonisolated(unsafe) let raw: UnsafeMutableRawPointer
  private let names = Atomic<UInt64>(0)

  /// A context with one I/O thread.
  ///
  /// - Throws: ``ZeroMQError/failed(operation:endpoint:code:reason:)`` if the process has no
  ///   descriptors left.
  public init() throws(ZeroMQError) {
    guard let raw = zmq_ctx_new() else { throw .last("context") }
    self.raw = raw
  }

  /// Ends all work: from here on each operation on each of the context's sockets, in all threads,
  /// throws ``ZeroMQError/contextTerminated``, and those that wait stop waiting.
  public func shutdown() {
    _ = zmq_ctx_shutdown(raw)
  }

  /// An inproc endpoint that no one else has.
  func uniqueEndpoint() -> String {
    "inproc://tributary-\(names.add(1, ordering: .relaxed).newValue)"
  }

  deinit {
    while zmq_ctx_term(raw) != 0 && zmq_errno() == EINTR {}
  }
}
