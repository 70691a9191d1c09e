import Foundation
import Testing
import ZeroMQ

/// Tests of long frames, which are sent from the memory of their array.
@Suite struct ZeroCopyTests {
  @Test(arguments: [0, 1, 33, 34, 4095, 4096, 327_000])
  func oneArrayIsSentToSeveralPeers(length: Int) throws {
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
    let frame = [UInt8].pattern(length)
    for address in addresses {
      try router.send([address, [1], frame])
      try router.send([address, frame])
    }
    do {
      #expect(try receive(first) == [[1], .pattern(length)])
      #expect(try receive(first) == [.pattern(length)])
      #expect(try receive(second) == [[1], .pattern(length)])
      #expect(try receive(second) == [.pattern(length)])
    }
  }

  @Test(arguments: [Transport.inproc, .ipc, .tcp], [100, 5000, 1_000_000])
  func changesToAnArrayDoNotAffectQueuedFrames(transport: Transport, length: Int) throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let dealer = try Socket(.dealer, context: context)
    try dealer.connect(try router.bind(transport.endpoint))
    let address = try introduce(dealer, to: router)
    var frame = [UInt8].pattern(length)
    for round in 0..<4 {
      try router.send([address, frame])
      for index in frame.indices { frame[index] = UInt8(round) }
    }
    frame = []
    #expect(try receive(dealer) == [.pattern(length)])
    for round in 0..<3 {
      #expect(try receive(dealer) == [[UInt8](repeating: UInt8(round), count: length)])
    }
  }

  @Test func aFrameCanBeSentAgainAfterAFailure() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let dealer = try Socket(.dealer, context: context)
    try dealer.connect(try router.bind(Transport.ipc.endpoint))
    let address = try introduce(dealer, to: router)
    let frame = [UInt8].pattern(5000)
    for _ in 0..<10 {
      #expect(failure { try router.send([[1], frame]) } == .unknownPeer)
    }
    try router.send([address, frame])
    #expect(try receive(dealer) == [.pattern(5000)])
  }

  @Test(arguments: [true, false])
  func memoryIsReleasedWhetherOrNotTheFrameWasSent(isSent: Bool) throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let dealer = try Socket(.dealer, context: context)
    try dealer.connect(try router.bind(Transport.ipc.endpoint))
    let address = try introduce(dealer, to: router)
    let before = try residentMegabytes()
    for round in 0..<400 {
      let frame = [UInt8](repeating: UInt8(round & 255), count: 1 << 20)
      if isSent {
        try router.send([address, frame])
        #expect(try receive(dealer).first?.count == frame.count)
      } else {
        #expect(failure { try router.send([[1], frame]) } == .unknownPeer)
      }
    }
    // 400 MB were sent in total; concurrent tests use far less.
    #expect(try residentMegabytes() < before + 250)
  }

  private func residentMegabytes() throws -> Int {
    let sizes = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    return try #require(Int(sizes.split(separator: " ")[1])) * 4096 / 1_000_000
  }
}
