import Foundation
import Glibc
import TestSupport
import Testing

/// A TCP port on this host whose process does not use ZeroMQ. It closes its connections when this
/// value is released.
final class Listener {
  /// The answer to a connection.
  enum Behavior: Sendable {
    /// None; the connection stays open.
    case silence
    /// These bytes at once; the connection stays open.
    case greeting(String)
    /// These bytes after the first ones of the peer, and the end of the connection.
    case answer(String)
    /// The end of the connection.
    case close
  }

  /// The endpoint for workers.
  let endpoint: String
  private let descriptor: Int32

  init(_ behavior: Behavior) throws {
    let (listener, port) = try Loopback.listen()
    descriptor = listener
    endpoint = "tcp://127.0.0.1:\(port)"
    Thread.detachNewThread {
      var open: [Int32] = []
      while let peer = Loopback.accept(listener) {
        open.append(peer)
        if Self.serve(peer, behavior) { shutdown(peer, Int32(SHUT_RDWR)) }
      }
      for descriptor in open + [listener] { close(descriptor) }
    }
  }

  deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// Serves a connection; returns whether it ends.
  private static func serve(_ peer: Int32, _ behavior: Behavior) -> Bool {
    switch behavior {
    case .silence: return false
    case .greeting(let text):
      Loopback.send(text.utf8, to: peer)
      return false
    case .answer(let text):
      var timeout = timeval(tv_sec: 2, tv_usec: 0)
      setsockopt(
        peer, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
      if Loopback.receive(peer, atMost: 100) != nil { Loopback.send(text.utf8, to: peer) }
      return true
    case .close: return true
    }
  }

  /// Returns the endpoint of a port at which no process listens.
  static func closedPort() throws -> String {
    let (descriptor, port) = try Loopback.listen()
    close(descriptor)
    return "tcp://127.0.0.1:\(port)"
  }
}
