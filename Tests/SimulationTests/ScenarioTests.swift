import Coordination
import Learning
import Numerics
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
      "\(scenario.conditions)", "\(scenario.link)", "\(scenario.faults)",
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
    #expect(Set(kinds).count == 18)
  }

  @Test func mostClustersAreSmallAndSomeHaveHundredsOfWorkers() {
    let counts = (1...2000).map { Scenario(seed: $0).workers }
    #expect(counts.count { $0 <= 5 } > 1800 && counts.count { (6...30).contains($0) } > 50)
    #expect(counts.count { (100...300).contains($0) } > 3)
    #expect(counts.allSatisfy { $0 >= 2 && $0 <= 300 })
  }

  @Test func slowLinksTakeSecondsForATensor() {
    let links = scenarios.map(\.link)
    let slow = links.filter { $0.links.contains { $0 != WorkerLink() } }
    #expect(slow.count > 20 && links.count { $0.bounds != QueueBounds() } > 20)
    #expect(links.count { $0.serverRate != nil } > 5)
    #expect(links.count { !$0.areLimited } > 300)
    for scenario in scenarios where scenario.link.links.contains(where: { $0 != WorkerLink() }) {
      let bytes = 4 * scenario.shape.layout.count * scenario.link.tensorFactor
      let times = scenario.link.links.flatMap { link in
        Direction.allCases.map { link[$0].end(of: bytes, from: 0) }
      }
      #expect((Microseconds.milliseconds(900) ... .seconds(20)).contains(times.max() ?? 0))
    }
  }

  @Test func shortQueuesHaveRoomForWhatASessionMayHaveUnderWay() {
    for scenario in scenarios {
      #expect(scenario.link.bounds.sender >= scenario.policy.queueLength)
      #expect(scenario.link.bounds.sender == 1000 || scenario.policy.heartbeatLimit <= 30)
    }
  }

  @Test func burstsBreakManyConnectionsWithinTenMilliseconds() {
    var random = SplitMix64(seed: 1, stream: 1)
    let burst = Fault.drawnBurst(workers: 100, at: 5000, &random)
    #expect(burst.count > 20 && burst.allSatisfy { (5000..<15_000).contains($0.time) })
  }

  @Test func anUndisturbedScenarioHasNoFaults() {
    for scenario in scenarios.prefix(20) {
      let undisturbed = scenario.undisturbed(workers: 3)
      #expect(undisturbed.faults.isEmpty && undisturbed.conditions == NetworkConditions())
      #expect(undisturbed.workers == 3 && undisturbed.settings == scenario.settings)
    }
  }
}
