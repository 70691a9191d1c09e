import Bytes
import Testing
import Wire
import ZeroMQ

/// The server's end of a connection, whose messages a test sends and receives.
///
/// Each call waits for a limited time.
final class RouterPeer {
  private let socket: Socket
  let endpoint: String
  private var peer: [UInt8] = []

  init(_ endpoint: String, context: Context) throws {
    socket = try Socket(.router, context: context)
    self.endpoint = try socket.bind(endpoint)
  }

  /// Waits for the next message; later answers go to its sender.
  func receive() throws -> Message {
    var poller = Poller<Int>()
    poller.add(socket, as: 0)
    let events = try poller.wait(milliseconds: 20_000)
    try #require(!events.isEmpty, "no message in time")
    let received = try socket.receive(maximumFrames: 99, maximumBytes: 1 << 24)
    let frames = try #require(received)
    peer = frames[0].array
    return try Message(frames: Array(frames.dropFirst()), limits: WireLimits())
  }

  /// Waits for the next message that is not a heartbeat.
  func receiveEvent() throws -> Message {
    while true {
      let message = try receive()
      guard case .heartbeat = message else { return message }
    }
  }

  /// Sends a message outside the numbering of a session.
  func send(_ message: Message) throws { try send(message.encoded()) }

  func send(_ frames: [[UInt8]]) throws { try socket.send([peer] + frames) }
}
