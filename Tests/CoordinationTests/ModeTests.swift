import Coordination
import Testing

@Suite struct ModeTests {
  /// With workers of equal speed every gradient is n - 1 versions old.
  @Test func aGradientNoOlderThanTheOthersIsNotScaled() {
    for workers in [1, 2, 8, 1000] {
      for staleness in [0, workers / 2, workers - 1] {
        #expect(Mode.stalenessScale(staleness: UInt64(staleness), workers: workers) == 1)
      }
    }
  }

  /// 1 / (1 + (staleness - (workers - 1)) / workers).
  @Test(arguments: [
    (1, 1, 0.5), (2, 2, 2.0 / 3), (15, 8, 0.5), (3, 1, 0.25), (7, 2, 0.25), (20, 2, 2.0 / 21),
  ])
  func anOlderGradientIsScaledDown(staleness: UInt64, workers: Int, scale: Double) {
    let found = Mode.stalenessScale(staleness: staleness, workers: workers)
    #expect(abs(Double(found) - scale) < 1e-7)
  }

  @Test func theScaleIsFiniteAndPositiveForAnyStaleness() {
    let scale = Mode.stalenessScale(staleness: .max, workers: 1)
    #expect(scale > 0 && scale < 1e-18)
    #expect(Mode.stalenessScale(staleness: 1, workers: 0) == 0.5)
    #expect(Mode.stalenessScale(staleness: 1, workers: -3) == 0.5)
  }

  @Test func modesAreReadFromTheirNames() {
    #expect(Mode(rawValue: "sync") == .sync)
    #expect(Mode(rawValue: "async") == .async)
    #expect(Mode(rawValue: "bulk") == nil)
    #expect(Mode.allCases.map(\.rawValue) == ["sync", "async", "bounded"])
  }
}
