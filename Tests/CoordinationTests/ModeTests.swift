import Coordination
import Testing

@Suite struct ModeTests {
  @Test func aFreshGradientCountsInFull() {
    for workers in [1, 2, 8, 1000] {
      #expect(Mode.stalenessScale(staleness: 0, workers: workers) == 1)
    }
  }

  /// 1 / (1 + staleness / workers).
  @Test(arguments: [(1, 1, 0.5), (1, 2, 2.0 / 3), (7, 8, 8.0 / 15), (3, 1, 0.25), (6, 2, 0.25)])
  func aStaleGradientCountsLess(staleness: UInt64, workers: Int, scale: Double) {
    let found = Mode.stalenessScale(staleness: staleness, workers: workers)
    #expect(abs(Double(found) - scale) < 1e-7)
  }

  @Test func theScaleIsFiniteAndPositiveForAnyStaleness() {
    let scale = Mode.stalenessScale(staleness: .max, workers: 1)
    #expect(scale > 0 && scale < 1e-18)
    #expect(Mode.stalenessScale(staleness: 1, workers: 0) == 0.5)
    #expect(Mode.stalenessScale(staleness: 1, workers: -3) == 0.5)
  }

  /// With n workers of one speed, each n - 1 versions behind, a round of n gradients moves the
  /// weights less far than 2 n / (2 n - 1) undamped steps per worker would: below n for any n.
  @Test func aRoundOfAllWorkersStaysBelowTheirNumber() {
    for workers in 2...64 {
      let scale = Mode.stalenessScale(staleness: UInt64(workers) - 1, workers: workers)
      #expect(scale < 1 && scale > 0.5)
    }
  }

  @Test func modesAreReadFromTheirNames() {
    #expect(Mode(rawValue: "sync") == .sync)
    #expect(Mode(rawValue: "async") == .async)
    #expect(Mode(rawValue: "bulk") == nil)
    #expect(Mode.allCases.map(\.rawValue) == ["sync", "async"])
  }
}
