import Numerics
import Testing

@Suite struct RandomSourceTests {
  @Test func drawsPhiloxWordsInOrder() {
    // Computed by an independent implementation of Philox in Python: key = seed, counter = (n,
    // stream).
    var source = RandomSource(seed: 0x0123_4567_89AB_CDEF, stream: 7)
    let words = (0..<8).map { _ in source.next32() }
    #expect(
      words == [
        0x34B2_3A77, 0x8EC4_3D26, 0xFDBF_9305, 0xA6C0_2CF2,
        0xF9A3_6445, 0x1EE1_7293, 0x3EC6_E16D, 0xC594_9040,
      ])
  }

  @Test func numbersAreAFunctionOfSeedAndStream() {
    func first(_ seed: UInt64, _ stream: UInt64) -> [UInt64] {
      var source = RandomSource(seed: seed, stream: stream)
      return (0..<4).map { _ in source.next() }
    }
    #expect(first(1, 2) == first(1, 2))
    let others = [(2, 1), (1, 3), (1 << 32, 2), (1, 2 + 1 << 32)].map(first)
    #expect(Set(others + [first(1, 2)]).count == 5)
  }

  @Test func uniformNumbersAreBelowOneAndMultiplesOfTheirUnit() {
    var source = RandomSource(seed: 1, stream: 0)
    var sum = 0.0
    for _ in 0..<20_000 {
      let (x, y) = (source.uniform(), source.uniformDouble())
      #expect(x >= 0 && x < 1 && (x * 0x1p24).rounded() == x * 0x1p24)
      #expect(y >= 0 && y < 1 && (y * 0x1p53).rounded() == y * 0x1p53)
      sum += Double(x) + y
    }
    #expect((sum / 40_000 - 0.5).magnitude < 0.01)
  }

  @Test(arguments: [UInt32(1), 2, 3, 7, 10, 100])
  func boundedIntegersAreEquallyLikely(n: UInt32) {
    var source = RandomSource(seed: 2, stream: UInt64(n))
    var counts = [Double](repeating: 0, count: Int(n))
    for _ in 0..<20_000 { counts[Int(source.below(n))] += 1 }
    let expected = 20_000 / Double(n)
    let chiSquared = counts.reduce(0) { $0 + ($1 - expected) * ($1 - expected) / expected }
    #expect(chiSquared < Double(n) + 5 * (2 * Double(n)).squareRoot())
  }

  @Test func integersAreBelowALargeBound() {
    var source = RandomSource(seed: 3, stream: 0)
    for _ in 0..<1000 { #expect(source.below(0x8000_0001) <= 0x8000_0000) }
  }

  @Test func normalNumbersHaveTheMomentsOfTheNormalDistribution() {
    var source = RandomSource(seed: 4, stream: 0)
    let z = (0..<20_000).map { _ in source.normal() }
    let moments = (1...4).map { power in
      z.reduce(0) { sum, x in sum + (0..<power).reduce(1) { product, _ in product * x } } / 20_000
    }
    #expect(moments[0].magnitude < 0.03)
    #expect((moments[1] - 1).magnitude < 0.04)
    #expect(moments[2].magnitude < 0.1)
    #expect((moments[3] - 3).magnitude < 0.25)
  }

  @Test func truncatedNumbersStayWithinTwoSigma() {
    var source = RandomSource(seed: 5, stream: 0)
    let z = (0..<20_000).map { _ in source.truncatedNormal() }
    #expect(z.allSatisfy { $0.magnitude <= 2 })
    #expect(z.contains { $0 > 1.99 } && z.contains { $0 < -1.99 })
    // The standard deviation of N(0, 1) truncated at two sigma is 0.87962566...
    let variance = z.reduce(0) { $0 + $1 * $1 } / 20_000
    #expect((variance.squareRoot() - 0.879_625_66).magnitude < 0.01)
  }
}
