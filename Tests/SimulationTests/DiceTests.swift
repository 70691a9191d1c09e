import Testing

@testable import Simulation

@Suite struct DiceTests {
  private func throwsOf(_ dice: Dice, count: Int = 100) -> [UInt64] {
    var dice = dice
    return (0..<count).map { _ in dice.next() }
  }

  @Test func theSameStreamGivesTheSameThrows() {
    #expect(throwsOf(Dice(seed: 7, stream: 1)) == throwsOf(Dice(seed: 7, stream: 1)))
  }

  @Test func neighbouringSeedsAndStreamsHaveNothingInCommon() {
    let all = (0..<4).flatMap { seed in
      (0..<4).flatMap { throwsOf(Dice(seed: UInt64(seed), stream: UInt64($0))) }
    }
    #expect(Set(all).count == 1600)
  }

  @Test func theThrowsAreThoseOfSplitMix64() {
    // The first number after the state 0, as the generator's paper has it.
    #expect(Dice.mixed(0) == 0xE220_A839_7B1D_CDAF)
  }

  @Test func everyNumberOfARangeComesUpAndNoOther() {
    var dice = Dice(seed: 1, stream: 1)
    let found = Set((0..<1000).map { _ in dice.within(3...9) })
    #expect(found == Set(3...9))
    #expect(Set((0..<1000).map { _ in dice.below(4) }) == Set(0..<4))
    #expect(Set((0..<1000).map { _ in dice.pick(["a", "b"]) }) == ["a", "b"])
  }

  @Test func aChanceComesUpAsOftenAsItSays() {
    var dice = Dice(seed: 1, stream: 1)
    let hits = (0..<10_000).count { _ in dice.chance(perMille: 250) }
    #expect((2300...2700).contains(hits))
    #expect(!(0..<1000).contains { _ in dice.chance(perMille: 0) })
    #expect((0..<1000).allSatisfy { _ in dice.chance(perMille: 1000) })
  }

  @Test func aDigestDiffersWithEveryBitAndWithTheOrder() {
    func digest(_ numbers: [Float]) -> UInt64 {
      var digest = Digest()
      digest.add(numbers)
      return digest.value
    }
    let values: [Float] = [1, 2, 0]
    let others: [[Float]] = [[2, 1, 0], [1, 2, -0.0], [1, 2], [Float(1).nextUp, 2, 0]]
    for other in others { #expect(digest(other) != digest(values)) }
    #expect(digest(values) == digest([1, 2, 0]))
  }
}
