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
  private var session = PeerSession()

  init(_ endpoint: String, context: Context) throws {
    socket = try Socket(.router, context: context)
    self.endpoint = try socket.bind(endpoint)
  }

  /// Waits for the next message of the worker whose hello was received last; answers go to it.
  func receive() throws -> Message {
    while true {
      let (sender, received) = try next()
      if case .hello = received.message { (peer, session) = (sender, PeerSession()) }
      guard sender == peer || peer.isEmpty else { continue }  // from an earlier connection
      peer = sender
      session.receive(received)
      return received.message
    }
  }

  private func next() throws -> (sender: [UInt8], message: NumberedMessage) {
    var poller = Poller<Int>()
    poller.add(socket, as: 0)
    let events = try poller.wait(milliseconds: patienceMilliseconds)
    try #require(!events.isEmpty, "no message in time")
    let received = try socket.receive(maximumFrames: 99, maximumBytes: 1 << 24)
    let frames = try #require(received)
    return (frames[0].array, try NumberedMessage(frames: Array(frames.dropFirst())))
  }

  /// Returns whether a message arrives in time.
  func isReceiving(within milliseconds: Int) throws -> Bool {
    var poller = Poller<Int>()
    poller.add(socket, as: 0)
    return try !poller.wait(milliseconds: milliseconds).isEmpty
  }

  /// Waits for the next message that is neither a heartbeat nor an acknowledgement.
  func receiveEvent() throws -> Message {
    while true {
      switch try receive() {
      case .heartbeat, .acknowledgement: continue
      case let message: return message
      }
    }
  }

  /// Sends the next message of the session.
  func send(_ message: Message) throws { try send(session.number(message).encoded()) }

  /// Sends the pieces of the next announced vector.
  func send(_ vector: PiecewiseVector) throws {
    for piece in session.pieces(of: vector) { try send(piece.encoded()) }
  }

  func send(_ frames: [[UInt8]]) throws { try socket.send([peer] + frames) }
}
