import Bytes
import Testing
import ZeroMQ

@Suite struct BoundsTests {
  @Test(arguments: [[1, 1, 1, 1, 1], [101], [60, 60], [Int](repeating: 50, count: 500)])
  func aMessageOverTheBoundsIsDiscardedAndTheNextOneArrives(lengths: [Int]) throws {
    let frames = lengths.map { [UInt8].pattern($0) }
    let context = try Context()
    let router = try Socket(.router, context: context)
    let dealer = try Socket(.dealer, context: context)
    try dealer.connect(try router.bind(Transport.tcp.endpoint))
    let address = try introduce(dealer, to: router)
    try send(frames, on: dealer)
    try send([[1, 2]], on: dealer)
    try wait(for: .readable, on: router)
    let bytes = frames.reduce(address.count) { $0 + $1.count }
    #expect(
      failure { _ = try router.receive(maximumFrames: 4, maximumBytes: 100) }
        == .messageTooLarge(frames: frames.count + 1, bytes: bytes, peer: address))
    #expect(try receive(router) == [address, [1, 2]])
  }

  @Test func aMessageAtTheBoundsIsReceived() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let dealer = try Socket(.dealer, context: context)
    try dealer.connect(try router.bind(Transport.ipc.endpoint))
    let address = try introduce(dealer, to: router)
    try send([.pattern(40), .pattern(60)], on: dealer)
    try wait(for: .readable, on: router)
    let frames = try router.receive(maximumFrames: 3, maximumBytes: 100 + address.count)
    #expect(frames?.map(\.count) == [address.count, 40, 60])
  }

  @Test func aFrameOverTheSocketsLimitIsDroppedAndOtherPeersAreServed() throws {
    let context = try Context()
    var options = SocketOptions()
    options.maximumFrameBytes = 1000
    let router = try Socket(.router, context: context, options: options)
    let endpoint = try router.bind(Transport.tcp.endpoint)
    let rude = try Socket(.dealer, context: context)
    try rude.connect(endpoint)
    try send([.pattern(1001)], on: rude)
    let polite = try Socket(.dealer, context: context)
    try polite.connect(endpoint)
    try send([.pattern(1000)], on: polite)
    #expect(try receive(router).last == .pattern(1000))
    #expect(try router.receive(maximumFrames: 9, maximumBytes: 9999) == nil)
  }

  @Test func aFullQueueWouldBlockUntilThePeerReceives() throws {
    let context = try Context()
    var options = SocketOptions()
    options.sendQueue = 2
    options.receiveQueue = 2
    let router = try Socket(.router, context: context, options: options)
    let dealer = try Socket(.dealer, context: context, options: options)
    try dealer.connect(try router.bind(Transport.inproc.endpoint))
    let address = try introduce(dealer, to: router)
    var sent = 0
    var last: ZeroMQError?
    while last == nil && sent < 1000 {
      last = failure { try router.send([address, [UInt8(truncatingIfNeeded: sent)]]) }
      if last == nil { sent += 1 }
    }
    #expect(last == .wouldBlock)
    for number in 0..<sent {
      #expect(try receive(dealer) == [[UInt8(truncatingIfNeeded: number)]])
    }
    try router.send([address, [255]])
    #expect(try receive(dealer) == [[255]])
  }
}
