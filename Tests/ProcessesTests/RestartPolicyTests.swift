import Testing

@testable import Processes

@Suite struct RestartPolicyTests {
  private static let codes: [Int32] = Array(0...255)

  @Test func aWorkerIsNotRestartedAfterAFinalExitCode() {
    for code in Self.codes {
      var policy = RestartPolicy(.worker, limit: 3)
      let isOver = policy.decide(on: .exited(ExitStatus(rawValue: code)), life: .zero) == .over
      #expect(isOver == [0, 64, 65, 69, 71, 78].contains(code), "\(code)")
    }
  }

  @Test func aServerIsNotRestartedAfterAnExitCodeOfThisProgram() {
    let own: [Int32] = [0, 64, 65, 69, 70, 71, 74, 75, 78, 129, 130, 143]
    for code in Self.codes {
      var policy = RestartPolicy(.server, limit: 3)
      let isOver = policy.decide(on: .exited(ExitStatus(rawValue: code)), life: .zero) == .over
      #expect(isOver == own.contains(code), "\(code)")
    }
  }

  @Test(arguments: [RestartPolicy.Role.server, .worker])
  func aChildThatIsKilledOrCannotStartIsRestartedUpToTheLimit(role: RestartPolicy.Role) {
    for ending in [ChildEnding.killed(signal: 9), .unstarted(reason: "no memory")] {
      var policy = RestartPolicy(role, limit: 2)
      #expect(policy.decide(on: ending, life: .zero) == .restart(after: .milliseconds(250)))
      #expect(policy.decide(on: ending, life: .zero) == .restart(after: .milliseconds(500)))
      #expect(policy.decide(on: ending, life: .zero) == .exhausted)
      #expect(policy.restarts == 2)
    }
  }

  @Test func aLimitOfZeroPermitsNoRestart() {
    var policy = RestartPolicy(.worker, limit: 0)
    #expect(policy.decide(on: .killed(signal: 11), life: .seconds(99)) == .exhausted)
    #expect(
      policy.decide(on: .killed(signal: 9), life: .zero, isProvoked: true) == .exhausted)
  }

  @Test func pausesDoubleUpToTheLongest() {
    var policy = RestartPolicy(.worker, limit: 9)
    let pauses = (0..<8).compactMap { _ -> Duration? in
      let decision = policy.decide(on: .killed(signal: 6), life: .seconds(59))
      return if case .restart(let pause) = decision { pause } else { nil }
    }
    #expect(pauses == [0.25, 0.5, 1, 2, 4, 8, 8, 8].map { .seconds($0) })
  }

  @Test func aLongLifetimeResetsThePauseButNotTheCount() {
    var policy = RestartPolicy(.worker, limit: 3)
    _ = policy.decide(on: .exited(.ruleBroken), life: .zero)
    _ = policy.decide(on: .exited(.ruleBroken), life: .zero)
    let later = policy.decide(on: .exited(.ruleBroken), life: .seconds(60))
    #expect(later == .restart(after: RestartPolicy.firstPause))
    #expect(policy.decide(on: .exited(.ruleBroken), life: .seconds(60)) == .exhausted)
  }

  @Test func endsThatWereCausedOnPurposeAreNotCounted() {
    var policy = RestartPolicy(.worker, limit: 1)
    for _ in 0..<5 {
      let decision = policy.decide(on: .killed(signal: 9), life: .zero, isProvoked: true)
      #expect(decision == .restart(after: RestartPolicy.firstPause))
    }
    #expect(policy.restarts == 0)
    #expect(policy.decide(on: .killed(signal: 9), life: .zero) != .exhausted)
    #expect(policy.decide(on: .killed(signal: 9), life: .zero) == .exhausted)
    #expect(policy.decide(on: .killed(signal: 9), life: .zero, isProvoked: true) != .exhausted)
  }
}
