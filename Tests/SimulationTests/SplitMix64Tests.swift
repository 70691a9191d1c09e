import Testing

@testable import Simulation

@Suite struct SplitMix64Tests {
  private func outputs(_ random: SplitMix64, count: Int = 100) -> [UInt64] {
    var random = random
    return (0..<count).map { _ in random.next() }
  }

  @Test func aStreamIsReproducible() {
    #expect(outputs(SplitMix64(seed: 7, stream: 1)) == outputs(SplitMix64(seed: 7, stream: 1)))
  }

  @Test func adjacentSeedsAndStreamsHaveNoCommonNumbers() {
    let all = (0..<4).flatMap { seed in
      (0..<4).flatMap { outputs(SplitMix64(seed: UInt64(seed), stream: UInt64($0))) }
    }
    #expect(Set(all).count == 1600)
  }

  @Test func outputMatchesThePublishedAlgorithm() {
    // The first output for the state 0 in the reference implementation.
    #expect(SplitMix64.mixed(0) == 0xE220_A839_7B1D_CDAF)
  }

  @Test func exactlyTheNumbersOfARangeAreDrawn() {
    var random = SplitMix64(seed: 1, stream: 1)
    let found = Set((0..<1000).map { _ in random.within(3...9) })
    #expect(found == Set(3...9))
    #expect(Set((0..<1000).map { _ in random.below(4) }) == Set(0..<4))
    #expect(Set((0..<1000).map { _ in random.pick(["a", "b"]) }) == ["a", "b"])
  }

  @Test func aChanceHasItsProbability() {
    var random = SplitMix64(seed: 1, stream: 1)
    let hits = (0..<10_000).count { _ in random.chance(perMille: 250) }
    #expect((2300...2700).contains(hits))
    #expect(!(0..<1000).contains { _ in random.chance(perMille: 0) })
    #expect((0..<1000).allSatisfy { _ in random.chance(perMille: 1000) })
  }

  @Test func aDigestDependsOnEveryBitAndTheOrder() {
    func digest(_ numbers: [Float]) -> UInt64 {
      var digest = FloatDigest()
      digest.combine(numbers)
      return digest.value
    }
    let values: [Float] = [1, 2, 0]
    let others: [[Float]] = [[2, 1, 0], [1, 2, -0.0], [1, 2], [Float(1).nextUp, 2, 0]]
    for other in others { #expect(digest(other) != digest(values)) }
    #expect(digest(values) == digest([1, 2, 0]))
  }
}
