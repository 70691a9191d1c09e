import Bytes
import Foundation
import Testing

@testable import ZeroMQ

/// CURVE with an authenticator: who is admitted, and what a router learns about a peer.
@Suite struct SecurityTests {
  /// A server socket with its authenticator.
  private struct Server: ~Copyable {
    let authenticator: Authenticator
    let router: Socket
    let keys: CurveKeyPair
    let endpoint: String

    init(_ context: Context, at transport: Transport = .tcp) throws {
      let keys = try CurveKeyPair()
      let authenticator = try Authenticator(context: context)
      var options = SocketOptions()
      options.security = .server(keys.secretKey)
      let router = try Socket(.router, context: context, options: options)
      endpoint = try router.bind(transport.endpoint)
      self.router = router
      (self.keys, self.authenticator) = (keys, authenticator)
    }

    /// Answers requests until `condition` holds; returns the keys that were asked about.
    func answer(
      admitting admitted: Set<CurvePublicKey>, until condition: () throws -> Bool
    ) throws -> Set<CurvePublicKey> {
      var found: Set<CurvePublicKey> = []
      try eventually {
        try authenticator.answer(atMost: 10) { request in
          found.insert(request.key)
          return admitted.contains(request.key)
        }
        return try condition()
      }
      return found
    }
  }

  private static func dealer(
    _ context: Context, to server: CurvePublicKey, _ keys: CurveKeyPair
  ) throws -> Socket {
    var options = SocketOptions()
    options.security = .client(server: server, keys: keys)
    return try Socket(.dealer, context: context, options: options)
  }

  @Test(arguments: [Transport.tcp, .ipc])
  func anAdmittedPeersMessagesCarryItsKey(transport: Transport) throws {
    let (context, keys) = (try Context(), try CurveKeyPair())
    let server = try Server(context, at: transport)
    let dealer = try Self.dealer(context, to: server.keys.publicKey, keys)
    try dealer.connect(server.endpoint)
    var received: [Bytes]?
    var origin: MessageOrigin?
    var isSent = false
    let asked = try server.answer(admitting: [keys.publicKey]) {
      if !isSent, failure(of: { try dealer.send([[1], .pattern(9000)]) }) == nil { isSent = true }
      received = try server.router.receive(
        maximumFrames: 3, maximumBytes: 10_000, origin: &origin)
      return received != nil
    }
    #expect(asked == [keys.publicKey])
    #expect(origin?.key == keys.publicKey)
    #expect(received?.map(\.array).dropFirst() == [[1], .pattern(9000)])
    let address = try #require(received?.first?.array)
    try server.router.send([address, [5]])
    #expect(try receive(dealer) == [[5]])
  }

  @Test func aPeerWithAnotherKeyIsDenied() throws {
    let (context, keys) = (try Context(), try CurveKeyPair())
    let server = try Server(context)
    let dealer = try Self.dealer(context, to: server.keys.publicKey, keys)
    var monitor = try ConnectionMonitor(of: dealer, reporting: .beginnings)
    try dealer.connect(server.endpoint)
    var events: [ConnectionMonitor.Event] = []
    let asked = try server.answer(admitting: []) {
      events += try monitor.takeEvents()
      return events.contains(.denied)
    }
    #expect(asked == [keys.publicKey])
    #expect(!events.contains(.established))
    #expect(failure { try dealer.send([[1]]) } == .wouldBlock)
    #expect(try server.router.receive(maximumFrames: 2, maximumBytes: 9) == nil)
  }

  @Test(arguments: ["plain", "another server"])
  func aPeerWithAnotherProtectionIsMismatched(kind: String) throws {
    let context = try Context()
    let server = try Server(context)
    let dealer =
      kind == "plain"
      ? try Socket(.dealer, context: context)
      : try Self.dealer(context, to: CurveKeyPair().publicKey, CurveKeyPair())
    var monitor = try ConnectionMonitor(of: dealer, reporting: .beginnings)
    var doors = try ConnectionMonitor(of: server.router, reporting: .descriptors)
    try dealer.connect(server.endpoint)
    var (events, seen) = ([ConnectionMonitor.Event](), [ConnectionMonitor.Event]())
    let asked = try server.answer(admitting: []) {
      events += try monitor.takeEvents()
      seen += try doors.takeEvents()
      return !Set(events).isDisjoint(with: [.mismatched, .abandoned])
        && !Set(seen).isDisjoint(with: [.mismatched, .abandoned])
    }
    #expect(asked.isEmpty, "the handshake fails before a key is known")
    #expect(!events.contains(.established))
    #expect(try server.router.receive(maximumFrames: 2, maximumBytes: 9) == nil)
  }

  @Test func aServerSocketNeedsAnAuthenticator() throws {
    let context = try Context()
    var options = SocketOptions()
    options.security = .server(try CurveKeyPair().secretKey)
    let error = failure { _ = try Socket(.router, context: context, options: options) }
    guard case .failed("server socket", _, EPERM, _) = error else {
      Issue.record("another error, or none: \(String(describing: error))")
      return
    }
  }

  @Test func aContextHasOneAuthenticator() throws {
    let context = try Context()
    let first = try Authenticator(context: context)
    #expect(
      failure { _ = try Authenticator(context: context) }
        == .addressInUse(endpoint: "inproc://zeromq.zap.01"))
    withExtendedLifetime(first) {}
  }

  // MARK: Keys

  /// The key pair of the example in libzmq's documentation of zmq_curve_keypair and zmq_z85_encode.
  @Test func keysHaveTheEncodingOfTheirSpecification() throws {
    let secret = try #require(CurveSecretKey("D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"))
    #expect(try secret.publicKey.text == "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID")
    let bytes: [UInt8] = [
      0xBB, 0x88, 0x47, 0x1D, 0x65, 0xE2, 0x65, 0x9B, 0x30, 0xC5, 0x5A, 0x53, 0x21, 0xCE, 0xBB,
      0x5A, 0xAB, 0x2B, 0x70, 0xA3, 0x98, 0x64, 0x5C, 0x26, 0xDC, 0xA2, 0xB2, 0xFC, 0xB4, 0x3F,
      0xC5, 0x18,
    ]
    #expect(CurvePublicKey(bytes: bytes)?.text == "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID")
    #expect(CurvePublicKey(bytes: bytes.dropLast()) == nil)
  }

  @Test(arguments: [
    "", "short", String(repeating: "~", count: 40), String(repeating: "é", count: 20),
  ])
  func otherTextsAreNotKeys(text: String) {
    #expect(CurvePublicKey(text) == nil && CurveSecretKey(text) == nil)
  }

  @Test func aSecretKeyIsNotPrinted() throws {
    let keys = try CurveKeyPair()
    #expect(!"\(keys) \(SocketSecurity.server(keys.secretKey))".contains(keys.secretKey.text))
    #expect(try CurveKeyPair().secretKey != keys.secretKey)
  }

  @Test func anOldLibraryOrOneWithoutCurveIsRefused() {
    for (version, hasCurve) in [
      ((4, 3, 2), true), ((4, 2, 9), true), ((3, 9, 9), true), ((4, 3, 4), false),
    ] as [((Int32, Int32, Int32), Bool)] {
      let error = failure {
        try LibraryVersion.checkSecurity(
          (major: version.0, minor: version.1, patch: version.2), hasCurve: hasCurve)
      }
      #expect("\(String(describing: error))".contains(hasCurve ? "version" : "without CURVE"))
    }
    for version in [(4, 3, 3), (4, 3, 10), (4, 4, 0), (5, 0, 0)] as [(Int32, Int32, Int32)] {
      #expect(
        failure {
          try LibraryVersion.checkSecurity(
            (major: version.0, minor: version.1, patch: version.2), hasCurve: true)
        } == nil)
    }
  }

  // MARK: Routing ids

  /// Two routers of a process give their first peers different routing ids, and these are not the
  /// ones that libzmq gives without a seed (00 6b8b4567 and its successors).
  @Test func routingIdentifiersAreNotPredictable() throws {
    var found: Set<[UInt8]> = []
    for _ in 0..<4 {
      let context = try Context()
      let router = try Socket(.router, context: context)
      let dealer = try Socket(.dealer, context: context)
      try dealer.connect(try router.bind(Transport.tcp.endpoint))
      found.insert(try introduce(dealer, to: router))
    }
    #expect(found.count == 4)
    #expect(!found.contains { $0.starts(with: [0, 0x6B, 0x8B, 0x45]) })
  }
}
