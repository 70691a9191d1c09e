import Foundation
import Glibc
import TestSupport
import Testing

/// A slow link limits the rate in each direction, makes a fast sender wait, and can be cut.
@Suite(.limit(minutes: 1))
struct SlowLinkTests {
  /// A connection through a link to a listener, both operated by the test.
  private final class Path {
    let link: SlowLink
    let worker: Int32
    let server: Int32
    private let listener: Int32

    init(down: Int, up: Int) throws {
      let (listener, port) = try Loopback.listen()
      self.listener = listener
      link = try SlowLink(to: "tcp://127.0.0.1:\(port)", down: down, up: up)
      worker = try #require(Loopback.connect(Loopback.port(of: link.endpoint)))
      server = try #require(Loopback.accept(listener))
      // The server's end is there before the link counts the connection.
      try eventually { link.connections == 1 }
    }

    deinit { for descriptor in [worker, server, listener] { close(descriptor) } }
  }

  private func receive(_ count: Int, from descriptor: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count, let more = Loopback.receive(descriptor, atMost: count) {
      bytes += more
    }
    return bytes
  }

  @Test func bytesPassAtTheRateOfTheirDirection() throws {
    let path = try Path(down: 100_000, up: 400_000)
    for (from, to, seconds) in [
      (path.server, path.worker, 1.0), (path.worker, path.server, 0.25),
    ] {
      let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      let start = ContinuousClock.now
      Thread.detachNewThread { Loopback.send(bytes, to: from) }
      #expect(receive(bytes.count, from: to) == bytes)
      let elapsed = ContinuousClock.now - start
      #expect(elapsed > .seconds(seconds * 0.9))
    }
    #expect(path.link.bytesDown == 100_000 && path.link.bytesUp == 100_000)
  }

  @Test func aFastSenderWaits() throws {
    let path = try Path(down: 1000, up: 1000)
    Loopback.limitBuffers(of: path.worker, to: 4096)
    let block = [UInt8](repeating: 7, count: 1024)
    let end = ContinuousClock.now + .milliseconds(500)
    var sent = 0
    while ContinuousClock.now < end {
      let count = send(path.worker, block, block.count, Int32(MSG_DONTWAIT))
      if count > 0 { sent += count } else { usleep(5000) }
    }
    #expect(sent < 64 << 10, "the buffers of the link are short")
  }

  @Test func aCutClosesTheConnectionsAndLaterOnesPass() throws {
    let path = try Path(down: 1_000_000, up: 1_000_000)
    path.link.cut()
    #expect(Loopback.receive(path.worker, atMost: 1) == nil)
    #expect(Loopback.receive(path.server, atMost: 1) == nil)
    let next = try #require(Loopback.connect(Loopback.port(of: path.link.endpoint)))
    defer { close(next) }
    try eventually { path.link.connections == 2 }
  }
}

private func eventually(_ condition: () -> Bool) throws {
  let end = ContinuousClock.now + .seconds(20)
  while !condition() {
    try #require(ContinuousClock.now < end)
    usleep(1000)
  }
}
