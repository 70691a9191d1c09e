import TestSupport
import Testing
import Wire
import ZeroMQ

@testable import Processes

@Suite(.limit(minutes: 2))
struct ServerConnectionTests {
  private static let hello = Message.hello(Hello(name: "a", incarnation: 1, dataset: "d"))
  private static let ready = NumberedMessage(.ready, number: 2)

  /// The next delivery, waited for as a worker does.
  private func next(_ connection: ServerConnection) throws -> Delivery {
    let end = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < end {
      if let delivery = try connection.receive() { return delivery }
      var poller = Poller<Int>()
      connection.add(to: &poller, as: 0)
      _ = try poller.wait(milliseconds: 100)
    }
    return try #require(nil as Delivery?, "no delivery in time")
  }

  /// A connection to a server that has received its hello.
  private func connected(_ context: Context) throws -> (ServerConnection, RouterPeer) {
    let server = try RouterPeer("inproc://server", context: context)
    let connection = try ServerConnection(to: .route(server.endpoint), context: context)
    try connection.send(NumberedMessage(Self.hello, number: 1))
    #expect(try server.receive() == Self.hello)
    return (connection, server)
  }

  @Test func messagesPassInBothDirectionsInOrder() throws {
    let (connection, server) = try connected(Context())
    #expect(try connection.receive() == nil)
    try connection.send(Self.ready)
    #expect(try server.receive() == .ready)
    let sent = (1...3).map { NumberedMessage(.grant(Grant(version: $0)), number: UInt32($0)) }
    for message in sent { try server.send(message.encoded()) }
    for message in sent { #expect(try next(connection) == .message(message)) }
    #expect(try connection.receive() == nil)
  }

  @Test func aMessageIsKeptUntilTheServerListens() throws {
    let folder = try TemporaryFolder()
    let (context, endpoint) = (try Context(), "ipc://\(folder.file("late"))")
    let connection = try ServerConnection(to: .route(endpoint), context: context)
    try connection.send(NumberedMessage(Self.hello, number: 1))
    #expect(try connection.receive() == nil)
    let server = try RouterPeer(endpoint, context: context)
    var poller = Poller<Int>()
    connection.add(to: &poller, as: 0)
    #expect(try poller.wait(milliseconds: patienceMilliseconds).first?.readiness == .writable)
    #expect(try connection.receive() == nil)
    #expect(try server.receive() == Self.hello)
    poller = Poller<Int>()
    connection.add(to: &poller, as: 0)
    #expect(try poller.wait(milliseconds: 0).isEmpty, "nothing is left to send")
  }

  @Test func reconnectingDropsQueuedMessages() throws {
    let folder = try TemporaryFolder()
    let (context, endpoint) = (try Context(), "ipc://\(folder.file("late"))")
    let connection = try ServerConnection(to: .route(endpoint), context: context)
    try connection.send(NumberedMessage(Self.hello, number: 1))
    try connection.reconnect()
    try connection.send(Self.ready)
    let server = try RouterPeer(endpoint, context: context)
    var poller = Poller<Int>()
    connection.add(to: &poller, as: 0)
    #expect(try !poller.wait(milliseconds: patienceMilliseconds).isEmpty)
    #expect(try connection.receive() == nil)
    #expect(try server.receive() == .ready)
  }

  @Test(arguments: [[[1, 2, 3]], [[]], [Self.hello.encoded()[0], []]] as [[[UInt8]]])
  func bytesOutsideTheProtocolAreMalformed(frames: [[UInt8]]) throws {
    let (connection, server) = try connected(Context())
    try server.send(frames)
    try expectMalformed(next(connection), naming: server.endpoint, "not of this protocol")
  }

  @Test func aPieceUpToTheLimitOfAFrameIsReceived() throws {
    let (connection, server) = try connected(Context())
    let piece = NumberedMessage(Self.piece(TransferLimits.mostPieceElements), number: 1)
    try server.send(piece.encoded())
    #expect(try next(connection) == .message(piece))
    try server.send(Self.piece((2 << 20) / 4).encoded())
    try expectMalformed(next(connection), naming: server.endpoint, "not of this protocol")
  }

  @Test func aMessageBeyondTheLimitsIsMalformed() throws {
    let (connection, server) = try connected(Context())
    try server.send([[UInt8]](repeating: [7], count: 3))
    try expectMalformed(next(connection), naming: "3 frames and 3 bytes", "exceeds the limits")
    try server.send([[UInt8](repeating: 7, count: (4 << 20) + 1)])
    try expectMalformed(
      next(connection), naming: "1 frames and 4194305 bytes", "exceeds the limits")
  }

  @Test func anInvalidEndpointIsAnError() throws {
    let context = try Context()
    #expect(throws: ZeroMQError.self) {
      try ServerConnection(to: .route("nonsense"), context: context)
    }
  }

  // MARK: Several endpoints

  /// Lets a connection send its queued message, unless it has already, until it arrives.
  private func flush(_ connection: ServerConnection, to server: RouterPeer) throws {
    let end = ContinuousClock.now + patience
    while try !server.isReceiving(within: 10), ContinuousClock.now < end {
      #expect(try connection.receive() == nil)
    }
  }

  @Test func theNextEndpointReceivesTheFirstMessageAgain() throws {
    let folder = try TemporaryFolder()
    let context = try Context()
    let gone = "ipc://\(folder.file("gone"))"
    let server = try RouterPeer("ipc://\(folder.file("here"))", context: context)
    let connection = try ServerConnection(to: .route(gone, server.endpoint), context: context)
    try connection.send(NumberedMessage(Self.hello, number: 1))
    #expect(connection.endpoint == gone)
    #expect(try connection.tryNext())
    #expect(connection.endpoint == server.endpoint)
    try flush(connection, to: server)
    #expect(try server.receive() == Self.hello)
    // Around the list, and to the first one again.
    #expect(try connection.tryNext())
    #expect(connection.endpoint == gone)
  }

  @Test func aSingleEndpointIsKept() throws {
    let (connection, server) = try connected(Context())
    #expect(try !connection.tryNext())
    #expect(connection.endpoint == server.endpoint && connection.locationFault == nil)
  }

  @Test func anEndpointThatHasAnsweredIsTriedFirstAfterASession() throws {
    let context = try Context()
    let server = try RouterPeer("inproc://server", context: context)
    let route = ServerLocation.route(server.endpoint, "inproc://other")
    let connection = try ServerConnection(to: route, context: context)
    try connection.send(NumberedMessage(Self.hello, number: 1))
    #expect(try server.receive() == Self.hello)
    try server.send(NumberedMessage(.ready, number: 1).encoded())
    _ = try next(connection)
    try connection.reconnect()
    #expect(connection.endpoint == server.endpoint)
    try connection.reconnect()
    #expect(connection.endpoint == "inproc://other", "it has not answered")
  }

  @Test func aFileIsReadAgainUntilItNamesAServer() throws {
    let folder = try TemporaryFolder()
    let context = try Context()
    let run = folder.file("run")
    let connection = try ServerConnection(to: ServerLocation(path: run), context: context)
    try connection.send(NumberedMessage(Self.hello, number: 1))
    #expect(try connection.receive() == nil)
    #expect(connection.endpoint == run)
    #expect(connection.locationFault == ConnectionFault(.unpublished, endpoint: run))
    #expect(try !connection.tryNext())

    // A stale file, then that of the server.
    try folder.write("ipc://\(folder.file("gone"))\n".utf8, "run/endpoint")
    #expect(try connection.tryNext())
    #expect(connection.endpoint.hasSuffix("gone") && connection.locationFault == nil)
    let server = try RouterPeer("ipc://\(folder.file("here"))", context: context)
    try folder.write("\(server.endpoint)\n".utf8, "run/endpoint")
    #expect(try connection.tryNext())
    try flush(connection, to: server)
    #expect(try server.receive() == Self.hello)
    #expect(try !connection.tryNext())
  }

  private func expectMalformed(_ delivery: Delivery, naming words: String...) throws {
    guard case .malformed(let reason) = delivery else { return #expect(Bool(false), "\(delivery)") }
    for word in words { #expect(reason.contains(word), "\(reason)") }
  }

  private static func piece(_ count: Int) -> Message {
    let values = [Float](repeating: 1, count: count)
    return .piece(Piece(transfer: 1, index: 0, values: EncodedTensor(float32: values[...])))
  }
}
