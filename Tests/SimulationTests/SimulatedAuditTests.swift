import Coordination
import Learning
import Testing

@testable import Simulation

/// Simulated workers that flip bits of their gradients, beside an audit.
@Suite struct SimulatedAuditTests {
  /// A training without other faults, in which worker 1 flips bits from a time on.
  private func scenario(
    _ seed: UInt64, share: Double, replays: Bool, gradients: Int = 1000
  ) -> Scenario {
    var scenario = Scenario(seed: seed, mode: .sync).undisturbed(workers: 3)
    scenario.settings.recipe.length = .steps(12)
    scenario.policy.auditShare = share
    scenario.policy.replaysAudit = replays
    scenario.faults = [(.milliseconds(310), .flipBits(1, gradients: gradients))]
    scenario.faultsEnd = .milliseconds(311)
    return scenario
  }

  private func log(_ scenario: Scenario) -> (lines: [String], violation: Violation?) {
    let outcome = Simulator.run(scenario, isLogged: true)
    return (outcome.log, outcome.violation)
  }

  /// Every update is compared with the undisturbed run, so no wrong gradient is in any of them.
  @Test(arguments: 1...20)
  func ofACompleteAuditNoWrongGradientIsApplied(seed: UInt64) {
    let (lines, violation) = log(scenario(seed, share: 1, replays: false))
    #expect(violation == nil)
    #expect(lines.contains { $0.contains("flips a bit") })
    #expect(lines.contains { $0.contains("differed(") && $0.contains("worker-1") })
    #expect(lines.contains { $0.contains("refusal quarantined") })
  }

  /// After the return, every update is compared with the undisturbed run again.
  @Test(arguments: 1...20)
  func aReplayRepeatsTheStepsWithWrongGradients(seed: UInt64) throws {
    let scenario = scenario(seed, share: 0.5, replays: true)
    var cluster = try SimulatedCluster(scenario, isLogged: true)
    #expect(cluster.firstViolation() == nil)
    let lines = cluster.log.lines
    guard lines.contains(where: { $0.contains("server returns to version") }) else { return }
    #expect(cluster.checker.firstWrongStep == nil)
    #expect(cluster.server.core == nil && cluster.completion != nil)
  }

  @Test func replaysHappen() {
    let lines = (1...20).flatMap { log(scenario($0, share: 0.5, replays: true)).lines }
    #expect(lines.contains { $0.contains("server returns to version") })
  }

  /// The rules detect what the audit is for.
  @Test func withoutAnAuditAWrongGradientIsDetected() throws {
    var scenario = scenario(1, share: 0, replays: false)
    var cluster = try SimulatedCluster(scenario)
    #expect(cluster.firstViolation() == nil, "the checker expects that the weights differ")
    #expect(cluster.checker.firstWrongStep != nil)
    scenario.policy.auditShare = 1  // the checker expects a complete audit
    cluster = try SimulatedCluster(scenario)
    cluster.auditsNothing = true
    #expect(cluster.firstViolation()?.invariant == .sameBits)
  }
}
