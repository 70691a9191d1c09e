import TestSupport
import Testing

@testable import Coordination

@Suite struct CompletedCountsTests {
  @Test func theLeastNumberIsThatOfTheSlowestMember() {
    var counts = CompletedCounts()
    #expect(counts.least == nil)
    for number in [4, 2, 2, 9] as [UInt64] { counts.insert(number) }
    #expect(counts.least == 2)
    counts.replace(2, with: 3)
    #expect(counts.least == 2)
    counts.replace(2, with: 3)
    #expect(counts.least == 3)
    counts.replace(3, with: 3)
    #expect(counts.least == 3)
    counts.remove(7)
    for number in [3, 3, 4, 9] as [UInt64] { counts.remove(number) }
    #expect(counts.least == nil)
  }

  @Test func countsBehaveLikeAnArray() {
    var random = SplitMix64(state: 2)
    var counts = CompletedCounts()
    var model: [UInt64] = []
    for _ in 0..<10_000 {
      let number = random.next() % 60
      switch (random.next() % 4, model.randomElement(using: &random)) {
      case (0, _), (_, nil):
        counts.insert(number)
        model.append(number)
      case (1, let old?):
        counts.remove(old)
        model.firstIndex(of: old).map { _ = model.remove(at: $0) }
      case (_, let old?):
        counts.replace(old, with: number)
        model.firstIndex(of: old).map { model[$0] = number }
      }
      #expect(counts.least == model.min())
    }
  }

  /// In mode bounded, every answered lease replaces one number by the next.
  @Test func aThousandMembersTakeLittleTime() {
    var counts = CompletedCounts()
    for _ in 0..<1000 { counts.insert(0) }
    for round in 0..<200 as Range<UInt64> {
      for _ in 0..<1000 {
        #expect(counts.least == round)
        counts.replace(round, with: round + 1)
      }
    }
    #expect(counts.least == 200)
  }
}
