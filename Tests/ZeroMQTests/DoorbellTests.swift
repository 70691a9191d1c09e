import Foundation
import Testing
import ZeroMQ

@Suite struct DoorbellTests {
  enum Source { case bell }

  @Test func ringsWakeTheThreadsInTurn() async throws {
    let context = try Context()
    let pair = try DoorbellPair(context: context)
    let outcome = onThread { () -> ZeroMQError? in
      failure {
        let bell = pair.take(.second)
        for _ in 0..<100 {
          try awaitRing(bell)
          try bell.ring()
        }
      }
    }
    let bell = pair.take(.first)
    for _ in 0..<100 {
      try bell.ring()
      try awaitRing(bell)
    }
    #expect(await outcome.value == nil)
  }

  @Test func aRingIsKeptForAnEndNotYetTaken() throws {
    let context = try Context()
    let pair = try DoorbellPair(context: context)
    try pair.take(.first).ring()
    let second = pair.take(.second)
    try awaitRing(second)
  }

  @Test func ringingWithoutAReaderNeitherBlocksNorFails() throws {
    let context = try Context()
    let pair = try DoorbellPair(context: context)
    let first = pair.take(.first)
    for _ in 0..<10_000 { try first.ring() }
    let second = pair.take(.second)
    #expect(try second.drain())
    #expect(try second.drain() == false)
    try first.ring()
    try awaitRing(second)
  }

  @Test func noRingIsLostWhenTheQueueFillsAndEmpties() throws {
    let context = try Context()
    let pair = try DoorbellPair(context: context)
    let first = pair.take(.first)
    let second = pair.take(.second)
    for count in 1...2000 {
      for _ in 0..<(count % 40 + 1) { try first.ring() }
      try #require(try second.drain(), "ring \(count) was lost")
    }
  }

  @Test func twoPairsOfOneContextAreIndependent() throws {
    let context = try Context()
    let one = try DoorbellPair(context: context)
    let other = try DoorbellPair(context: context)
    let ringing = one.take(.first)
    try ringing.ring()
    #expect(try other.take(.second).drain() == false)
    #expect(try one.take(.second).drain())
  }

  @Test func shutdownTerminatesBothEnds() throws {
    let context = try Context()
    let pair = try DoorbellPair(context: context)
    context.shutdown()
    let bell = pair.take(.first)
    #expect(failure { try bell.ring() } == .contextTerminated)
    #expect(failure { try bell.drain() } == .contextTerminated)
  }

  /// Waits for a ring and removes it.
  private func awaitRing(_ bell: borrowing Doorbell) throws {
    var poller = Poller<Source>()
    poller.add(bell, as: .bell)
    try #require(try poller.wait(milliseconds: patience).count == 1)
    #expect(try bell.drain())
  }
}
