import Bytes
import Foundation
import Glibc
import Numerics
import Testing
import Wire
import ZeroMQ

/// A TCP connection to a server that does not speak ZeroMQ.
final class RawConnection {
  private let descriptor: Int32

  init(_ endpoint: String) throws {
    descriptor = try #require(Loopback.connect(Loopback.port(of: endpoint)))
  }

  deinit { _ = Glibc.close(descriptor) }

  /// Sends what the peer takes; it may hang up in the middle.
  func write(_ bytes: [UInt8]) {
    Loopback.send(bytes, to: descriptor)
  }
}

/// A client of the server that the test plays itself, frame by frame.
///
/// Its calls wait, each for a time that is bounded.
final class Client {
  private let socket: Socket

  init(_ endpoint: String) throws {
    socket = try Socket(.dealer, context: Context())
    try socket.connect(endpoint)
  }

  private func wait(for interest: Readiness) throws {
    var poller = Poller<Int>()
    poller.add(socket, as: 0, for: interest)
    let events = try poller.wait(milliseconds: 20_000)
    try #require(events.first?.readiness.isSuperset(of: interest) == true, "no peer in time")
  }

  func send(_ frames: [[UInt8]]) throws {
    try wait(for: .writable)
    try socket.send(frames)
  }

  func send(_ message: Message) throws { try send(message.encoded()) }

  /// The next message of the server that `choose` takes something from.
  func receive<Value>(_ choose: (Message) -> Value?) throws -> Value {
    let end = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < end {
      try wait(for: .readable)
      guard let frames = try socket.receive(maximumFrames: 99, maximumBytes: 1 << 24) else {
        continue
      }
      if let value = choose(try Message(frames: frames, limits: WireLimits())) { return value }
    }
    return try #require(nil as Value?, "the server did not say it in time")
  }
}

/// A server that the test plays itself, for one worker.
final class FakeServer {
  private let socket: Socket
  let endpoint: String

  init(in folder: TemporaryFolder) throws {
    socket = try Socket(.router, context: Context())
    endpoint = try socket.bind("ipc://\(folder.file("fake"))")
  }

  /// The next message of a worker, and its address.
  func receive() throws -> (peer: [UInt8], message: Message) {
    var poller = Poller<Int>()
    poller.add(socket, as: 0)
    let events = try poller.wait(milliseconds: 20_000)
    try #require(!events.isEmpty, "no worker in time")
    let received = try socket.receive(maximumFrames: 99, maximumBytes: 1 << 24)
    let frames = try #require(received)
    return (frames[0].array, try Message(frames: Array(frames.dropFirst()), limits: WireLimits()))
  }

  func send(_ frames: [[UInt8]], to peer: [UInt8]) throws { try socket.send([peer] + frames) }
}
