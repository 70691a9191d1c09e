import TestSupport
import Testing

@testable import Coordination

@Suite struct DeadlinesTests {
  @Test func keysAreReturnedWhenTheirDeadlinesAreDue() {
    var deadlines = Deadlines<String>()
    #expect(deadlines.next == nil && deadlines.popDue(at: .seconds(100)) == nil)
    deadlines.set("b", at: .seconds(2))
    deadlines.set("a", at: .seconds(1))
    #expect(deadlines.next == .seconds(1) && deadlines["b"] == .seconds(2))
    #expect(deadlines.popDue(at: .seconds(0.9)) == nil)
    #expect(deadlines.popDue(at: .seconds(1)) == "a")
    #expect(deadlines.popDue(at: .seconds(1)) == nil)
    #expect(deadlines.next == .seconds(2) && deadlines.count == 1)
  }

  @Test func aNewDeadlineReplacesTheFormerOne() {
    var deadlines = Deadlines<Int>()
    deadlines.set(1, at: .seconds(5))
    deadlines.set(1, at: .seconds(9))
    #expect(deadlines.next == .seconds(9) && deadlines.count == 1)
    deadlines.set(1, at: .seconds(3))
    #expect(deadlines.popDue(at: .seconds(20)) == 1)
    #expect(deadlines.popDue(at: .seconds(20)) == nil)
    deadlines.remove(1)
    #expect(deadlines.next == nil && deadlines[1] == nil)
  }

  @Test func equalDeadlinesAreDueInTheOrderInWhichTheyWereSet() {
    var deadlines = Deadlines<Int>()
    let keys = [5, 3, 9, 1, 7, 2, 8]
    for key in keys { deadlines.set(key, at: .seconds(1)) }
    deadlines.set(3, at: .seconds(1))
    let due = keys.compactMap { _ in deadlines.popDue(at: .seconds(1)) }
    #expect(due == [5, 9, 1, 7, 2, 8, 3])
  }

  @Test func deadlinesBehaveLikeASortedArray() {
    var random = SplitMix64(state: 1)
    var deadlines = Deadlines<UInt64>()
    var model: [(moment: Moment, key: UInt64)] = []  // sorted by moment, equal ones by call
    var now: UInt64 = 0
    for _ in 0..<10_000 {
      let key = random.next() % 100
      switch random.next() % 4 {
      case 0, 1:
        let moment = Moment(nanoseconds: now + random.next() % 20)
        deadlines.set(key, at: moment)
        model.removeAll { $0.key == key }
        model.insert((moment, key), at: model.firstIndex { $0.moment > moment } ?? model.count)
      case 2:
        deadlines.remove(key)
        model.removeAll { $0.key == key }
      default:
        now += random.next() % 3
        let moment = Moment(nanoseconds: now)
        let isDue = model.first.map { $0.moment <= moment } ?? false
        #expect(deadlines.popDue(at: moment) == (isDue ? model.removeFirst().key : nil))
      }
      #expect(deadlines.next == model.first?.moment && deadlines.count == model.count)
      #expect(deadlines[key] == model.first { $0.key == key }?.moment)
      #expect(deadlines.heapCount <= 2 * deadlines.count + 16)
    }
  }

  /// Every message from a worker moves its deadline, while another one stays the earliest.
  @Test func movedDeadlinesDoNotAccumulate() {
    var deadlines = Deadlines<Int>()
    deadlines.set(0, at: .seconds(1))
    for second in 2..<2000 {
      for key in 1...10 { deadlines.set(key, at: .seconds(Double(second))) }
      #expect(deadlines.heapCount <= 38)
    }
    #expect(deadlines.count == 11 && deadlines.next == .seconds(1))
  }
}
