import Coordination
import Learning
import Testing

@Suite struct ModeTests {
  @Test(arguments: [UInt64(0), 1, 2, 4])
  func aFreshGradientHasTheUsualWeight(staleness: UInt64) {
    #expect(Mode.firstMomentDecay(staleness: staleness) == Optimizer.beta1)
  }

  /// 1 - 2 / staleness².
  @Test(arguments: [(5, 0.92), (8, 0.96875), (10, 0.98), (20, 0.995), (100, 0.9998)])
  func anOlderGradientHasLessWeight(staleness: UInt64, decay: Double) {
    #expect(abs(Double(Mode.firstMomentDecay(staleness: staleness)) - decay) < 1e-7)
  }

  @Test func theDecayIsAShareForAnyStaleness() {
    #expect((0.999_999...1).contains(Mode.firstMomentDecay(staleness: .max)))
  }

  @Test func modesAreReadFromTheirNames() {
    #expect(Mode(rawValue: "sync") == .sync)
    #expect(Mode(rawValue: "async") == .async)
    #expect(Mode(rawValue: "bulk") == nil)
    #expect(Mode.allCases.map(\.rawValue) == ["sync", "async", "bounded"])
  }
}
