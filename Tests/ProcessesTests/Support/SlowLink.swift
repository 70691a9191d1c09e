import Foundation
import Glibc
import Synchronization
import Testing

/// A slow link between workers and a server's tcp endpoint: a proxy with a limited rate in each
/// direction and short buffers, so that a fast sender waits. It closes its connections when this
/// value is released.
final class SlowLink {
  /// The endpoint for the workers.
  let endpoint: String
  private let listener: Int32
  private let wire: Wire

  /// Creates a link to the server at `server`.
  ///
  /// - Parameters:
  ///   - down: bytes per second to the workers, for all connections together.
  ///   - up: bytes per second to the server.
  ///   - buffer: the size of each socket's buffer; the kernel doubles it.
  init(to server: String, down: Int, up: Int, buffer: Int32 = 4096) throws {
    let serverPort = try Loopback.port(of: server)
    let (listener, port) = try Loopback.listen()
    Loopback.limitBuffers(of: listener, to: buffer)  // its connections inherit the limit
    self.listener = listener
    endpoint = "tcp://127.0.0.1:\(port)"
    wire = Wire(down: RateLimit(down), up: RateLimit(up))
    Thread.detachNewThread { [wire] in
      while let worker = Loopback.accept(listener) {
        guard let server = Loopback.connect(serverPort, buffer: buffer) else {
          close(worker)
          continue
        }
        wire.join(worker, server)
      }
      close(listener)
    }
  }

  /// Creates a link with the same rate in both directions.
  convenience init(to server: String, bytesPerSecond rate: Int) throws {
    try self.init(to: server, down: rate, up: rate)
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    wire.end()
  }

  /// The number of connections so far.
  var connections: Int { wire.state.withLock { $0.connections } }

  /// The bytes that have passed to the workers.
  var bytesDown: Int { wire.down.count }

  /// The bytes that have passed to the server.
  var bytesUp: Int { wire.up.count }

  /// Closes the current connections.
  func cut() { wire.cut() }
}

/// The connections of a link, which its threads share.
private final class Wire: Sendable {
  struct State {
    var connections = 0
    var isOver = false
    var live: [Int32: Int32] = [:]  // the descriptors of workers with those to the server
  }

  let state = Mutex(State())
  let down: RateLimit
  let up: RateLimit

  init(down: RateLimit, up: RateLimit) {
    (self.down, self.up) = (down, up)
  }

  /// Forwards between two connections, on two new threads.
  func join(_ worker: Int32, _ server: Int32) {
    let isOver = state.withLock { state in
      state.connections += 1
      state.live[worker] = server
      return state.isOver
    }
    if isOver { cut() }
    let ends = Ends(worker: worker, server: server)
    Thread.detachNewThread { [self] in forward(from: server, to: worker, down, ends) }
    Thread.detachNewThread { [self] in forward(from: worker, to: server, up, ends) }
  }

  func cut() {
    state.withLock { state in
      for (worker, server) in state.live {
        for descriptor in [worker, server] { shutdown(descriptor, Int32(SHUT_RDWR)) }
      }
    }
  }

  func end() {
    state.withLock { $0.isOver = true }
    cut()
  }

  private func forward(from: Int32, to: Int32, _ limit: RateLimit, _ ends: Ends) {
    while let bytes = Loopback.receive(from, atMost: limit.chunk) {
      limit.wait(bytes.count)
      guard Loopback.send(bytes, to: to) else { break }
    }
    shutdown(to, Int32(SHUT_WR))
    // The peer may still send in the other direction; the second thread closes both.
    guard ends.isLast() else { return }
    state.withLock { state in
      state.live[ends.worker] = nil
      for descriptor in [ends.worker, ends.server] { close(descriptor) }
    }
  }
}

/// The two descriptors of a forwarded connection.
private final class Ends: Sendable {
  let worker: Int32
  let server: Int32
  private let threads = Mutex(2)

  init(worker: Int32, server: Int32) {
    (self.worker, self.server) = (worker, server)
  }

  /// Whether the other thread has finished with the descriptors.
  func isLast() -> Bool {
    threads.withLock { threads in
      threads -= 1
      return threads == 0
    }
  }
}

/// A limit in bytes per second that threads share.
private final class RateLimit: Sendable {
  private struct State {
    var free = ContinuousClock.now
    var count = 0
  }

  private let rate: Int
  private let state = Mutex(State())

  init(_ rate: Int) {
    self.rate = rate
  }

  /// The bytes so far.
  var count: Int { state.withLock { $0.count } }

  /// The bytes to forward at once: those of 20 milliseconds.
  var chunk: Int { min(max(rate / 50, 256), 1 << 16) }

  /// Waits until `count` bytes have passed.
  func wait(_ count: Int) {
    let time = Duration.seconds(Double(count) / Double(rate))
    let free = state.withLock { state in
      state.free = max(state.free, .now) + time
      state.count += count
      return state.free
    }
    let left = ContinuousClock.now.duration(to: free).components
    if left.seconds < 0 || left.attoseconds < 0 { return }
    usleep(UInt32(left.seconds) * 1_000_000 + UInt32(left.attoseconds / 1_000_000_000_000))
  }
}
