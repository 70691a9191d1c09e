import Testing
import ZeroMQ

@Suite struct SocketTests {
  @Test(arguments: Transport.allCases)
  func requestAndReplyAreExchanged(over transport: Transport) throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let endpoint = try router.bind(transport.endpoint)
    let dealer = try Socket(.dealer, context: context)
    try dealer.connect(endpoint)
    try send([[1, 2, 3], [4]], on: dealer)
    let request = try receive(router)
    #expect(request.dropFirst() == [[1, 2, 3], [4]])
    try router.send([request[0], [5, 6]])
    #expect(try receive(dealer) == [[5, 6]])
  }

  @Test func frameOrderAndLengthsArePreserved() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let dealer = try Socket(.dealer, context: context)
    try dealer.connect(try router.bind(Transport.tcp.endpoint))
    // 29 to 34 bytes are around the limit for frames stored inline in a `zmq_msg_t`.
    let lengths = [0, 1, 29, 30, 31, 32, 33, 34, 255, 256, 8192, 327_000, 1_000_000, 0]
    let frames = lengths.map { [UInt8].pattern($0, seed: $0) }
    try send(frames, on: dealer)
    #expect(try receive(router).dropFirst() == frames[...])
  }

  @Test func receivingFromAnEmptyQueueReturnsNil() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    try router.bind(Transport.tcp.endpoint)
    #expect(try router.receive(maximumFrames: 10, maximumBytes: 10) == nil)
  }

  @Test func aRouterSendsToTheAddressedPeer() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let endpoint = try router.bind(Transport.ipc.endpoint)
    let first = try Socket(.dealer, context: context)
    let second = try Socket(.dealer, context: context)
    try first.connect(endpoint)
    try second.connect(endpoint)
    let firstAddress = try introduce(first, to: router)
    let secondAddress = try introduce(second, to: router)
    #expect(firstAddress != secondAddress)
    try router.send([secondAddress, [2]])
    try router.send([firstAddress, [1]])
    #expect(try receive(first) == [[1]])
    #expect(try receive(second) == [[2]])
  }

  @Test func sendingToAnUnknownPeerThrows() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    try router.bind(Transport.tcp.endpoint)
    #expect(failure { try router.send([[9, 9, 9, 9, 9], [1]]) } == .unknownPeer)
  }

  @Test func theMessageAfterAFailedSendIsComplete() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let dealer = try Socket(.dealer, context: context)
    try dealer.connect(try router.bind(Transport.tcp.endpoint))
    let address = try introduce(dealer, to: router)
    #expect(failure { try router.send([[0, 1], [2], [3]]) } == .unknownPeer)
    try router.send([address, [4], [5]])
    #expect(try receive(dealer) == [[4], [5]])
  }

  @Test func aDealerWithoutAServerWouldBlock() throws {
    let context = try Context()
    let dealer = try Socket(.dealer, context: context)
    try dealer.connect("ipc://\(temporaryFolder())/unused")
    #expect(failure { try dealer.send([[1]]) } == .wouldBlock)
  }

  @Test func aDealerConnectsToAServerStartedLater() throws {
    let context = try Context()
    let endpoint = Transport.ipc.endpoint
    let dealer = try Socket(.dealer, context: context)
    try dealer.connect(endpoint)
    let router = try Socket(.router, context: context)
    try router.bind(endpoint)
    _ = try introduce(dealer, to: router)
  }

  @Test func aDisconnectedPeerBecomesUnknown() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let endpoint = try router.bind(Transport.tcp.endpoint)
    let dealer = try Socket(.dealer, context: context)
    try dealer.connect(endpoint)
    let address = try introduce(dealer, to: router)
    dealer.close()
    try eventually {
      // The router detects the end of a connection while receiving.
      _ = try router.receive(maximumFrames: 9, maximumBytes: 9)
      return failure { try router.send([address, [1]]) } == .unknownPeer
    }
  }
}
