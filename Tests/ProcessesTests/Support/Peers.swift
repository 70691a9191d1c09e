import Bytes
import Foundation
import Glibc
import Numerics
import TestSupport
import Testing
import Wire
import ZeroMQ

/// A TCP connection to a server, without the ZeroMQ protocol.
final class RawConnection {
  private let descriptor: Int32

  init(_ endpoint: String) throws {
    descriptor = try #require(Loopback.connect(Loopback.port(of: endpoint)))
  }

  deinit { _ = Glibc.close(descriptor) }

  /// Sends bytes; the peer may close the connection before the last of them.
  func write(_ bytes: [UInt8]) {
    Loopback.send(bytes, to: descriptor)
  }
}

/// A client of the server, whose frames the test sends and receives.
///
/// It numbers its messages and acknowledges the server's. Each call waits for a limited time.
final class Client {
  // Declared before the socket it monitors, so that it is destroyed first.
  private var monitor: ConnectionMonitor
  private let socket: Socket
  private var session = PeerSession()
  /// The number of elements of the model, from the server's welcome.
  private(set) var layoutCount = 0
  /// The reason of the server's last refusal.
  private(set) var refusal: RefusalReason?

  init(_ endpoint: String) throws {
    let socket = try Socket(.dealer, context: Context())
    monitor = try ConnectionMonitor(of: socket)
    try socket.connect(endpoint)
    self.socket = socket
  }

  /// Waits until the server has closed the connection.
  func waitForTheEnd() throws {
    var poller = Poller<Int>()
    poller.add(monitor, as: 0)
    let events = try poller.wait(milliseconds: patienceMilliseconds)
    try #require(!events.isEmpty, "the connection stays open")
  }

  private func wait(for interest: Readiness) throws {
    var poller = Poller<Int>()
    poller.add(socket, as: 0, for: interest)
    let events = try poller.wait(milliseconds: patienceMilliseconds)
    try #require(events.first?.readiness.isSuperset(of: interest) == true, "no peer in time")
  }

  func send(_ frames: [[UInt8]]) throws {
    try wait(for: .writable)
    try socket.send(frames)
  }

  /// Sends the next message of the session.
  func send(_ message: Message) throws { try send(session.number(message).encoded()) }

  /// Sends a result: its announcement, then its gradients in pieces.
  func send(_ result: LeaseResult) throws {
    try send(.push(Push(result)))
    for part in result.contributions {
      for piece in session.pieces(of: part.values) { try send(piece.encoded()) }
    }
  }

  /// Returns the first value that `choose` returns for a message of the server. Pieces are
  /// acknowledged and dropped.
  func receive<Value>(_ choose: (Message) -> Value?) throws -> Value {
    let end = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < end {
      try wait(for: .readable)
      guard let frames = try socket.receive(maximumFrames: 99, maximumBytes: 1 << 24) else {
        continue
      }
      let received = try NumberedMessage(frames: frames)
      session.receive(received)
      try note(received.message)
      if let value = choose(received.message) { return value }
    }
    return try #require(nil as Value?, "no such message in time")
  }
}

extension Client {
  fileprivate func note(_ message: Message) throws {
    switch message {
    case .piece: try send(.acknowledgement)
    case .welcome(let welcome):
      layoutCount = welcome.layout.reduce(0) { $0 + Int($1.shape.reduce(1, *)) }
    case .refusal(let refusal): self.refusal = refusal.reason
    default: break
    }
  }
}

/// A server for one worker, whose messages the test sends and receives.
final class FakeServer {
  private let socket: Socket
  let endpoint: String

  init(in folder: TemporaryFolder) throws {
    socket = try Socket(.router, context: Context())
    endpoint = try socket.bind("ipc://\(folder.file("fake"))")
  }

  /// Waits for the next message of a worker; returns it with the worker's address.
  func receive() throws -> (peer: [UInt8], message: Message) {
    var poller = Poller<Int>()
    poller.add(socket, as: 0)
    let events = try poller.wait(milliseconds: patienceMilliseconds)
    try #require(!events.isEmpty, "no worker in time")
    let received = try socket.receive(maximumFrames: 99, maximumBytes: 1 << 24)
    let frames = try #require(received)
    return (frames[0].array, try Message(frames: Array(frames.dropFirst()), limits: WireLimits()))
  }

  func send(_ frames: [[UInt8]], to peer: [UInt8]) throws { try socket.send([peer] + frames) }
}
