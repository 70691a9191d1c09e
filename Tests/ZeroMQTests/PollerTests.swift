import Foundation
import Testing
import ZeroMQ

@Suite struct PollerTests {
  enum Source { case router, dealer, pipe }

  @Test func aWaitEndsAfterItsTimeout() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    var poller = Poller<Source>()
    poller.add(router, as: .router)
    let clock = ContinuousClock()
    let start = clock.now
    #expect(try poller.wait(milliseconds: 30).isEmpty)
    let elapsed = clock.now - start
    #expect(elapsed >= .milliseconds(29))
    #expect(try poller.wait(milliseconds: 0).isEmpty)
    #expect(try poller.wait(milliseconds: -5).isEmpty)
  }

  @Test func readySourcesAreReported() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let dealer = try Socket(.dealer, context: context)
    try dealer.connect(try router.bind(Transport.inproc.endpoint))
    var poller = Poller<Source>()
    poller.add(router, as: .router)
    poller.add(dealer, as: .dealer, for: [.readable, .writable])
    let before = try poller.wait(milliseconds: patience)
    #expect(before.map(\.key) == [.dealer] && before[0].readiness == .writable)
    try dealer.send([[1]])
    poller.set(.readable, for: .dealer)
    let after = try poller.wait(milliseconds: patience)
    #expect(after.map(\.key) == [.router] && after[0].readiness == .readable)
    poller.remove(.router)
    #expect(try poller.wait(milliseconds: 0).isEmpty)
  }

  @Test func aSourceWithEmptyInterestIsIgnored() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let dealer = try Socket(.dealer, context: context)
    try dealer.connect(try router.bind(Transport.inproc.endpoint))
    try dealer.send([[1]])
    var poller = Poller<Source>()
    poller.add(router, as: .router, for: [])
    #expect(try poller.wait(milliseconds: 0).isEmpty)
    poller.set(.readable, for: .router)
    #expect(try poller.wait(milliseconds: patience).count == 1)
  }

  @Test func aFileDescriptorIsPolledTogetherWithSockets() throws {
    let context = try Context()
    let router = try Socket(.router, context: context)
    let pipe = Pipe()
    var poller = Poller<Source>()
    poller.add(router, as: .router)
    poller.add(descriptor: pipe.fileHandleForReading.fileDescriptor, as: .pipe)
    #expect(try poller.wait(milliseconds: 0).isEmpty)
    try pipe.fileHandleForWriting.write(contentsOf: [1])
    let events = try poller.wait(milliseconds: patience)
    #expect(events.map(\.key) == [.pipe] && events[0].readiness == .readable)
    #expect(try pipe.fileHandleForReading.read(upToCount: 1) == Data([1]))
    try pipe.fileHandleForWriting.close()
    #expect(try poller.wait(milliseconds: patience).first?.readiness == .failed)
  }

  @Test func waitingForAClosedSocketThrows() throws {
    let context = try Context()
    var poller = Poller<Source>()
    do {
      let router = try Socket(.router, context: context)
      poller.add(router, as: .router)
    }
    #expect(failure { _ = try poller.wait(milliseconds: 0) } == .closed)
  }

  @Test func aSignalDoesNotInterruptAWait() async throws {
    signal(SIGUSR2) { _ in }
    let outcome = onThread { () -> Bool in
      let done = DispatchSemaphore(value: 0)
      let waiting = ThreadName(thread: pthread_self())
      Thread.detachNewThread {
        for _ in 0..<20 {
          pthread_kill(waiting.thread, SIGUSR2)
          usleep(5000)
        }
        done.signal()
      }
      defer { done.wait() }
      return waitLastsForItsTimeout()
    }
    #expect(await outcome.value)
  }
}

/// Returns whether a wait for a pipe without data lasts as long as its timeout.
private func waitLastsForItsTimeout() -> Bool {
  let pipe = Pipe()
  var poller = Poller<Int>()
  poller.add(descriptor: pipe.fileHandleForReading.fileDescriptor, as: 0)
  let clock = ContinuousClock()
  let start = clock.now
  let events = try? poller.wait(milliseconds: 200)
  return events?.isEmpty == true && clock.now - start >= .milliseconds(199)
}

private struct ThreadName: @unchecked Sendable {
  let thread: pthread_t
}
