import Numerics
import Testing

@Suite struct SampleSumsTests {
  @Test func sumsAreAddedInTheOrderGiven() {
    let parts = [1, 1e16, -1e16].map { SampleSums(lossSum: $0, correct: 2, count: 3) }
    let total = SampleSums(adding: parts)
    #expect(total == SampleSums(lossSum: (1 + 1e16) - 1e16, correct: 6, count: 9))
    var accumulated = SampleSums()
    for part in parts { accumulated += part }
    #expect(accumulated == total)
  }

  @Test func meansOverNoSamplesAreZero() {
    #expect(SampleSums(adding: []) == SampleSums())
    #expect(SampleSums().meanLoss == 0 && SampleSums().accuracy == 0)
  }

  @Test func meansAreDividedByTheNumberOfSamples() {
    let sums = SampleSums(lossSum: 3, correct: 1, count: 4)
    #expect(sums.meanLoss == 0.75 && sums.accuracy == 0.25)
  }
}
