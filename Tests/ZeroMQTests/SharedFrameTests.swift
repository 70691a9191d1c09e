import Testing
import ZeroMQ

@Suite struct SharedFrameTests {
  @Test(arguments: [0, 1, 33, 34, 327_000])
  func oneFrameGoesToManyPeers(length: Int) throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let endpoint = try router.bind(Transport.tcp.endpoint)
    let first = try Socket(.dealer, context: context)
    let second = try Socket(.dealer, context: context)
    try first.connect(endpoint)
    try second.connect(endpoint)
    let addresses = [
      try introduce(first, to: router), try introduce(second, to: router),
    ]
    let frame = SharedFrame(.pattern(length))
    #expect(frame.count == length)
    for address in addresses {
      try router.send([.bytes(address), .bytes([1]), .shared(frame)])
      try router.send([.bytes(address), .shared(frame)])
    }
    do {
      #expect(try receive(first) == [[1], .pattern(length)])
      #expect(try receive(first) == [.pattern(length)])
      #expect(try receive(second) == [[1], .pattern(length)])
      #expect(try receive(second) == [.pattern(length)])
    }
  }

  @Test func whatIsQueuedOutlivesTheFrame() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let dealer = try Socket(.dealer, context: context)
    try dealer.connect(try router.bind(Transport.inproc.endpoint))
    let address = try introduce(dealer, to: router)
    do {
      let frame = SharedFrame(.pattern(100_000))
      try router.send([.bytes(address), .shared(frame)])
    }
    #expect(try receive(dealer) == [.pattern(100_000)])
  }

  @Test func aFrameThatCouldNotBeSentCanBeSentAgain() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let dealer = try Socket(.dealer, context: context)
    try dealer.connect(try router.bind(Transport.ipc.endpoint))
    let address = try introduce(dealer, to: router)
    let frame = SharedFrame(.pattern(5000))
    for _ in 0..<10 {
      #expect(failure { try router.send([.bytes([1]), .shared(frame)]) } == .unknownPeer)
    }
    try router.send([.bytes(address), .shared(frame)])
    #expect(try receive(dealer) == [.pattern(5000)])
  }
}
