import Coordination
import Learning
import Testing

@testable import Simulation

@Suite struct ScenarioTests {
  private let scenarios = (1...500).map { Scenario(seed: $0) }

  @Test func aSeedDeterminesTheScenario() {
    for seed: UInt64 in 1...20 {
      #expect(facts(Scenario(seed: seed)) == facts(Scenario(seed: seed)))
      #expect(facts(Scenario(seed: seed)) != facts(Scenario(seed: seed + 1)))
    }
  }

  private func facts(_ scenario: Scenario) -> [String] {
    [
      "\(scenario.settings.pairs)", "\(scenario.dataset)", "\(scenario.policy)",
      "\(scenario.conditions)", "\(scenario.faults)",
      "\(scenario.leaseTimes) \(scenario.faultsEnd)",
    ]
  }

  @Test func everyModeIsDrawnAndSyncMostOften() {
    let counts = Mode.allCases.map { mode in scenarios.count { $0.settings.mode == mode } }
    #expect(counts.allSatisfy { $0 > 20 } && counts[0] > 250)
    #expect((1...50).allSatisfy { Scenario(seed: $0, mode: .async).settings.mode == .async })
  }

  @Test func settingsAreValid() throws {
    for scenario in scenarios {
      try scenario.settings.recipe.validate()
      #expect(try TrainingSettings(scenario.settings.pairs).pairs == scenario.settings.pairs)
      #expect(scenario.leaseTimes.count == scenario.workers)
    }
  }

  @Test func faultsHappenBeforeTheirEndAndEveryKindIsDrawn() {
    #expect(
      scenarios.allSatisfy { scenario in
        scenario.faults.allSatisfy { $0.time < scenario.faultsEnd }
      })
    let kinds = scenarios.flatMap(\.faults).map { "\($0.fault)".prefix { $0 != "(" } }
    #expect(Set(kinds).count == 13)
  }

  @Test func anUndisturbedScenarioHasNoFaults() {
    for scenario in scenarios.prefix(20) {
      let undisturbed = scenario.undisturbed(workers: 3)
      #expect(undisturbed.faults.isEmpty && undisturbed.conditions == NetworkConditions())
      #expect(undisturbed.workers == 3 && undisturbed.settings == scenario.settings)
    }
  }
}
