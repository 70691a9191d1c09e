import ArgumentParser
import Coordination
import Learning
import Testing

@testable import tributary

@Suite struct PolicyOptionsTests {
  private func policy(_ line: String = "") throws -> Policy {
    try PolicyOptions.parse(words(line)).policy()
  }

  @Test func theDefaultIsThePolicyOfTheServer() throws {
    #expect(try policy() == Policy())
  }

  @Test(
    arguments: [
      ("1", .steps(1)), ("250", .steps(250)), ("30s", .time(.seconds(30))),
      ("0.5s", .time(.milliseconds(500))), ("5m", .time(.seconds(300))),
      ("24h", .time(.seconds(86_400))), ("never", .never),
    ] as [(String, CheckpointInterval)])
  func checkpointsAreWrittenAtIntervalsOfStepsOrTime(text: String, interval: CheckpointInterval)
    throws
  {
    #expect(try policy("--checkpoint-every \(text)").checkpoints == interval)
  }

  @Test func theTimeoutDeterminesOtherTimes() throws {
    for (seconds, heartbeat, stall) in [(1.0, 0.2, 10.0), (5, 1, 10), (8, 1, 16)] {
      let timing = try policy("--worker-timeout \(seconds)").timing
      #expect(timing.silence == .seconds(seconds))
      #expect(timing.heartbeat == .seconds(heartbeat) && timing.stall == .seconds(stall))
    }
  }

  @Test func limitsOfWorkersArePartOfThePolicy() throws {
    let policy = try policy(
      "--start-with 3 --min-workers 2 --max-workers 4 --wait-for-workers 90 --worker-patience 45")
    #expect((policy.minimumWorkers, policy.maximumWorkers) == (2, 4))
    #expect(policy.startWith == 3)
    #expect(policy.timing.absence == .seconds(90) && policy.timing.patience == .seconds(45))
  }

  @Test(arguments: FinalEvaluation.allCases)
  func theFinalEvaluationIsAnOption(choice: FinalEvaluation) throws {
    #expect(try policy("--final-evaluation \(choice.rawValue)").finalEvaluation == choice)
  }

  @Test func theAuditIsAnOption() throws {
    let audited = try policy("--audit 0.05 --audit-replay")
    #expect(audited.auditShare == 0.05 && audited.replaysAudit)
    #expect(try policy("--audit 1").replaysAudit == false)
  }

  // MARK: Settings

  private func settings(_ line: String) throws -> TrainingSettings {
    try TrainingOptions.parse(words(line)).settings()
  }

  @Test func stalenessBelongsToTheSettings() throws {
    #expect(try settings("--mode bounded").stalenessBound == 1)
    #expect(try settings("--mode bounded --staleness 4").stalenessBound == 4)
    #expect(try settings("--mode bounded").maximumStaleness == nil)
    for mode in ["async", "bounded"] {
      let settings = try settings("--mode \(mode) --max-staleness 0")
      #expect(settings.maximumStaleness == 0)
      #expect(settings.recipe.clip == .norm(1), "large stale gradients do damage in both modes")
    }
  }
}
