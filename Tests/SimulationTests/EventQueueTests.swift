import Coordination
import Testing

@testable import Simulation

@Suite struct EventQueueTests {
  private func drain<Event>(_ queue: EventQueue<Event>) -> [(time: Microseconds, event: Event)] {
    var queue = queue
    var drained: [(Microseconds, Event)] = []
    while let next = queue.pop() { drained.append(next) }
    return drained
  }

  @Test func anEmptyQueueReturnsNil() {
    #expect(EventQueue<Int>().isEmpty && drain(EventQueue<Int>()).isEmpty)
  }

  @Test(arguments: [1, 2, 3, 10, 100, 1000])
  func eventsAreOrderedByTimeThenByInsertion(count: Int) {
    var random = SplitMix64(seed: UInt64(count), stream: 0)
    let events = (0..<count).map { (time: random.below(count / 3 + 1), event: $0) }
    var queue = EventQueue<Int>()
    for (time, event) in events { queue.push(event, at: time) }
    let sorted = events.sorted { ($0.time, $0.event) < ($1.time, $1.event) }
    #expect(drain(queue).map(\.event) == sorted.map(\.event))
    #expect(drain(queue).map(\.time) == sorted.map(\.time))
  }

  @Test func eventsInsertedBetweenRemovalsAreOrdered() {
    var queue = EventQueue<String>()
    queue.push("late", at: 30)
    queue.push("early", at: 10)
    let first = queue.pop()
    #expect(first?.event == "early" && first?.time == 10)
    queue.push("middle", at: 20)
    queue.push("late too", at: 30)
    #expect(drain(queue).map(\.event) == ["middle", "late", "late too"])
  }
}

@Suite struct ProcessClockTests {
  @Test func aClockStartsAtItsOffset() {
    let clock = ProcessClock(start: .seconds(100))
    #expect(clock.read(at: 0).nanoseconds == 100_000_000_000)
    #expect(clock.read(at: 5).nanoseconds == 100_000_005_000)
    #expect(clock.time(of: clock.read(at: 1234)) == 1234)
  }

  @Test func anAdjustedClockShowsTheNewTime() {
    var clock = ProcessClock(start: .seconds(100))
    let before = clock.read(at: 10)
    clock.jump(by: .seconds(60))
    #expect(clock.read(at: 10).since(before) == .seconds(60))
    clock.jump(by: -.seconds(61))
    #expect(clock.read(at: 10) < before && clock.time(of: before) == 1_000_010)
  }
}

@Suite struct EventLogTests {
  @Test func aDisabledLogDoesNotFormatLines() {
    var log = EventLog(isKept: false)
    var made = 0
    func line() -> String {
      made += 1
      return "line"
    }
    log.append(0, line())
    #expect(made == 0 && log.lines.isEmpty)
  }

  @Test func aLineStartsWithTheTime() {
    var log = EventLog(isKept: true)
    log.append(12_000_034, "something")
    log.append(0, "else")
    #expect(log.lines == ["12.000034 something", "0.000000 else"])
  }

  @Test func theFingerprintDependsOnEveryByteAndTheOrder() {
    func fingerprint(_ lines: [String]) -> UInt64 {
      var log = EventLog(isKept: true)
      for line in lines { log.append(1, line) }
      return log.fingerprint
    }
    #expect(fingerprint(["a", "b"]) == fingerprint(["a", "b"]))
    for other in [["b", "a"], ["a", "c"], ["ab"], ["a", "b", ""]] {
      #expect(fingerprint(other) != fingerprint(["a", "b"]))
    }
  }
}
