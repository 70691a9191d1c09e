import Coordination
import Testing

@testable import Simulation

@Suite struct ScheduleTests {
  /// Runs 2000 schedules in blocks, which run in parallel.
  @Test(arguments: Mode.allCases, [0, 1, 2, 3])
  func noScheduleViolatesAnInvariant(mode: Mode, block: UInt64) {
    let share: UInt64 = mode == .sync ? 300 : 100
    let simulator = Simulator(mode: mode)
    for seed in block * share..<(block + 1) * share {
      let outcome = simulator.run(seed: seed)
      #expect(outcome.violation == nil, "seed \(seed) in \(mode)")
    }
  }

  @Test func aSeedDeterminesTheLog() {
    let simulator = Simulator()
    for seed: UInt64 in 1...20 {
      let first = simulator.run(seed: seed, isLogged: true)
      let second = simulator.run(seed: seed, isLogged: true)
      #expect(first.log == second.log && !first.log.isEmpty)
      #expect(first.fingerprint == second.fingerprint)
      #expect(first.fingerprint != simulator.run(seed: seed + 1, isLogged: true).fingerprint)
    }
  }

  @Test func loggingDoesNotAffectASchedule() {
    let simulator = Simulator()
    for seed: UInt64 in 1...20 {
      #expect(
        simulator.run(seed: seed).events == simulator.run(seed: seed, isLogged: true).events)
    }
  }

  @Test func encodingDoesNotAffectASchedule() {
    for seed: UInt64 in 1...20 {
      var scenario = Scenario(seed: seed)
      let logs = [false, true].map { usesBytes in
        scenario.usesBytes = usesBytes
        return Simulator.run(scenario, isLogged: true).log
      }
      #expect(logs[0] == logs[1])
    }
  }

  /// Tests that the schedules contain the events they are intended to test.
  @Test func schedulesCoverTheRelevantEvents() {
    let logs = (0..<200).flatMap { Simulator().run(seed: $0, isLogged: true).log }
    for words in [
      "is killed", "is killed silently", "server is killed", "server finishes: stopped",
      "starts incarnation 2", "Verdict.duplicate", "Verdict.stale", "Verdict.rejected",
      "its holder is late", "their holder is no longer a member", "no message for",
      "made no progress",
      "messages were lost in transit", "it reconnected", "refusal full",
      "refusal finished", "refusal malformed", "refusal unknownMember", "refusal quarantined",
      "ends: unreachable", "ends: stopped", "waiting(", "2 versions old", "damaged",
      "flips a bit", "server computes", "differing(", "differed(", "server returns to version",
    ] {
      #expect(logs.contains { $0.contains(words) }, "\(words)")
    }
  }
}
