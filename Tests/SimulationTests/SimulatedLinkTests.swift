import Testing

@testable import Simulation

@Suite struct LinkRateTests {
  @Test func anUnlimitedLinkTransmitsAtOnce() {
    let rate = LinkRate()
    #expect(rate.end(of: 1 << 40, from: 7) == 7 && rate.bytes(from: 0, to: 1) == .max)
    #expect(!rate.isLimited(from: 0))
  }

  @Test func aMessageTakesItsSizeOverTheBandwidth() {
    let rate = LinkRate(1000)
    #expect(rate.end(of: 500, from: .seconds(2)) == .milliseconds(2500))
    #expect(rate.end(of: 1, from: 0) == 1000 && rate.end(of: 0, from: 5) == 5)
    #expect(rate.bytes(from: 0, to: .milliseconds(1999)) == 1999)
    #expect(rate.bytes(from: 5, to: 5) == 0 && rate.isLimited(from: .seconds(9)))
  }

  @Test func transmissionTimesAreRoundedUp() {
    #expect(LinkRate(3).end(of: 1, from: 0) == 333_334)
  }

  @Test func aLimitEndsDuringAMessage() {
    var rate = LinkRate(1000)
    rate.limit(to: 100, until: .seconds(2))
    // 200 bytes in the first two seconds, 300 in the next 0.3 seconds.
    #expect(rate.end(of: 500, from: 0) == .milliseconds(2300))
    #expect(rate.bytes(from: 0, to: .milliseconds(2300)) == 500)
    #expect(rate.end(of: 100, from: 0) == .seconds(1))
    #expect(rate.end(of: 100, from: .seconds(2)) == .milliseconds(2100))
  }

  @Test func aStalledLinkTransmitsNothing() {
    var rate = LinkRate()
    rate.limit(to: 0, until: .seconds(3))
    #expect(rate.end(of: 1, from: .seconds(1)) == .seconds(3))
    #expect(rate.bytes(from: 0, to: .seconds(3)) == 0)
    #expect(rate.isLimited(from: .seconds(2)) && !rate.isLimited(from: .seconds(3)))
    rate.endLimit()
    #expect(rate.end(of: 1, from: .seconds(1)) == .seconds(1))
  }

  @Test func aLimitDoesNotExceedTheUsualBandwidth() {
    var rate = LinkRate(1000)
    rate.limit(to: 5000, until: .seconds(1))
    #expect(rate.end(of: 1000, from: 0) == .seconds(1))
  }
}

/// Tests with times computed by hand.
@Suite struct SimulatedLinkTests {
  private typealias Link = SimulatedLink<String>

  /// Sends messages at one time, and returns their arrival times; nil if one was not accepted.
  private func send(
    _ count: Int, bytes: Int, latency: Microseconds = 0, _ link: inout Link,
    at now: Microseconds = 0
  ) -> [Microseconds?] {
    (0..<count).map { index in
      let sending = link.send("\(index)", bytes: bytes, latency: latency, at: now)
      guard case .accepted(_, let arrival) = sending else { return nil }
      return arrival
    }
  }

  private func accepts(_ link: inout Link, at now: Microseconds) -> Bool {
    link.mayAccept(at: now)
  }

  private func take(_ number: Int, _ link: inout Link) -> String? { link.take(number) }

  @Test func messagesShareTheBandwidthInOrder() {
    var link = Link(rate: LinkRate(1000))
    #expect(
      send(3, bytes: 500, latency: 20_000, &link) == [520_000, 1_020_000, 1_520_000])
    #expect(send(1, bytes: 100, latency: 20_000, &link, at: .seconds(1)) == [1_620_000])
    #expect(send(1, bytes: 100, latency: 20_000, &link, at: .seconds(5)) == [5_120_000])
  }

  @Test func aMessageDoesNotOvertakeOneWithAGreaterLatency() {
    var link = Link()
    #expect(send(1, bytes: 1, latency: 5000, &link) == [5000])
    #expect(send(1, bytes: 1, latency: 100, &link, at: 10) == [5000])
    let sending = link.send("late", bytes: 1, latency: 9000, isOvertaken: true, at: 20)
    #expect(sending == .accepted(number: 3, arrival: 9020))
    #expect(send(1, bytes: 1, latency: 100, &link, at: 6000) == [6100])
  }

  @Test func aBusyHostDelaysAMessage() {
    var link = Link(rate: LinkRate(1000))
    let sending = link.send("a", bytes: 100, latency: 1, earliest: .seconds(3), at: 0)
    #expect(sending == .accepted(number: 1, arrival: 3_000_001))
    #expect(send(1, bytes: 100, &link) == [3_100_000])
  }

  @Test func aLostMessageUsesTheBandwidth() {
    var link = Link(rate: LinkRate(1000))
    link.lose(bytes: 1000, at: 0)
    #expect(send(1, bytes: 500, &link) == [1_500_000] && link.pending == [1])
  }

  @Test func aMessageIsTakenOnce() {
    var link = Link()
    _ = send(2, bytes: 1, latency: 10, &link)
    #expect(link.pending == [1, 2] && link.pendingBytes == 2 && link.arrival(of: 1) == 10)
    #expect(take(1, &link) == "0" && take(1, &link) == nil && link.arrival(of: 1) == nil)
    #expect(link.pending == [2])
  }

  @Test func messagesBeyondTheBufferWaitInTheSendersQueue() {
    // The buffer takes messages until more than 1000 bytes are ahead: three of 400 bytes.
    var link = Link(
      QueueBounds(sender: 100, receiver: 100, bufferBytes: 1000), rate: LinkRate(400))
    _ = send(6, bytes: 400, &link)
    #expect(link.queued(at: 0) == 3)
    // After a second, one message has left the buffer; half a second later, half of another.
    #expect(link.queued(at: .seconds(1)) == 2)
    #expect(link.queued(at: .milliseconds(1500)) == 1)
    #expect(link.queued(at: .seconds(6)) == 0)
  }

  @Test func aFullQueueAcceptsMessagesAgainOnceHalfOfItIsFree() {
    // Without a buffer, one message is being transmitted, and the next four are queued.
    var link = Link(QueueBounds(sender: 4, receiver: 100, bufferBytes: 0), rate: LinkRate(1000))
    // libzmq counts a message as gone when two have left the queue.
    #expect(
      send(6, bytes: 1000, &link)
        == [.seconds(1), .seconds(2), .seconds(3), .seconds(4), nil, nil])
    #expect(!accepts(&link, at: .milliseconds(900)))
    #expect(accepts(&link, at: .seconds(1)))
    #expect(send(3, bytes: 1000, &link, at: .seconds(1)) == [.seconds(5), .seconds(6), nil])
  }

  @Test func aProcessThatDoesNotReadFillsAllQueues() {
    // Two in the receiver's queue, one being transmitted with 100 bytes, one ahead of the buffer's
    // limit, three in the sender's queue.
    var link = Link(QueueBounds(sender: 4, receiver: 2, bufferBytes: 100))
    let times = (0..<20).map { send(1, bytes: 100, &link, at: $0)[0] }
    #expect(times.prefix(8).allSatisfy { $0 != nil } && times[8...].allSatisfy { $0 == nil })
    #expect(link.queued(at: 20) == 4 && link.pending.count == 8)
    // Reading makes room, of which the sender is informed after two messages.
    _ = link.take(1)
    #expect(link.queued(at: 20) == 3 && !accepts(&link, at: 20))
    _ = link.take(2)
    #expect(link.queued(at: 20) == 2 && accepts(&link, at: 20))
  }

  @Test func aStallDelaysWhatIsNotTransmitted() {
    var link = Link(rate: LinkRate(1000))
    _ = send(3, bytes: 1000, latency: 7, &link)
    var rate = LinkRate(1000)
    rate.limit(to: 0, until: .milliseconds(4500))
    link.change(rate, at: .milliseconds(1500))
    #expect(link.arrival(of: 1) == 1_000_007)
    #expect(link.arrival(of: 2) == 5_000_007)
    #expect(link.arrival(of: 3) == 6_000_007)
    #expect(send(1, bytes: 1000, &link, at: .seconds(5)) == [7_000_000])
  }

  @Test func theEndOfAStallIsImmediate() {
    var rate = LinkRate(1000)
    rate.limit(to: 0, until: .seconds(100))
    var link = Link(rate: rate)
    #expect(send(2, bytes: 1000, &link) == [.seconds(101), .seconds(102)])
    link.change(LinkRate(1000), at: .seconds(3))
    #expect(link.arrival(of: 1) == .seconds(4) && link.arrival(of: 2) == .seconds(5))
    #expect(send(1, bytes: 1000, &link, at: .seconds(3)) == [.seconds(6)])
  }
}
