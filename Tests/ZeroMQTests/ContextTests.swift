import Foundation
import Testing
import ZeroMQ

@Suite struct ContextTests {
  @Test func shutdownTerminatesAllOperationsOnItsSockets() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    try router.bind(Transport.tcp.endpoint)
    context.shutdown()
    #expect(failure { try router.send([[1], [2]]) } == .contextTerminated)
    #expect(
      failure { _ = try router.receive(maximumFrames: 1, maximumBytes: 1) } == .contextTerminated)
    #expect(failure { try wait(for: .readable, on: router) } == .contextTerminated)
  }

  @Test func shutdownWakesAWaitingThread() async throws {
    let context = try Context()
    let waiting = Signal<Void>()
    let outcome = onThread { () -> ZeroMQError? in
      failure {
        let router = try Socket(.router, context: context)
        try router.bind(Transport.tcp.endpoint)
        var poller = Poller<Int>()
        poller.add(router, as: 0)
        waiting.send(())
        _ = try poller.wait(milliseconds: nil)
      }
    }
    await waiting.value
    context.shutdown()
    #expect(await outcome.value == .contextTerminated)
  }

  @Test func noSocketIsCreatedAfterShutdown() throws {
    let context = try Context()
    context.shutdown()
    #expect(failure { _ = try Socket(.dealer, context: context) } == .contextTerminated)
  }

  @Test func closingWithUnsentMessagesTakesNoLongerThanTheLinger() throws {
    let clock = ContinuousClock()
    let elapsed = try clock.measure {
      let context = try Context()
      var options = SocketOptions()
      options.onlyToConnected = false
      options.lingerMilliseconds = 50
      let dealer = try Socket(.dealer, context: context, options: options)
      try dealer.connect("tcp://127.0.0.1:9")
      try dealer.send([.pattern(1000)])
    }
    #expect(elapsed < .seconds(5))
  }

  @Test func messagesSentBeforeTheContextClosesArrive() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let endpoint = try router.bind(Transport.tcp.endpoint)
    do {
      let own = try Context()
      let dealer = try Socket(.dealer, context: own)
      try dealer.connect(endpoint)
      try send([.pattern(327_000)], on: dealer)
    }
    #expect(try receive(router).last == .pattern(327_000))
  }
}
