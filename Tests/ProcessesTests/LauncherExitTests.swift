import Coordination
import Testing

@testable import Processes

@Suite struct LauncherExitTests {
  private func stop(hastened: Bool = false) -> StopSequence {
    var stop = StopSequence(.terminate, grace: .seconds(10), at: Moment(nanoseconds: 0))
    if hastened { _ = stop.take(.interrupt, at: Moment(nanoseconds: 1_000_000_000)) }
    return stop
  }

  @Test func theServersExitCodeIsUsedWithoutAMessage() {
    for code: Int32 in [0, 70, 75, 143] {
      let status = ExitStatus(rawValue: code)
      let exit = LauncherExit(status: status, message: nil)
      #expect(LauncherOutcome(server: .exited(status)).exit == exit)
      #expect(LauncherOutcome(server: .exited(status), stop: stop(hastened: true)).exit == exit)
    }
  }

  @Test func theFirstFailedWorkerDecidesWhenNoWorkerIsLeft() {
    var outcome = LauncherOutcome(server: .exited(.tryAgain), workerFailure: .badData)
    #expect(outcome.exit.status == .tryAgain)
    outcome.isExhausted = true
    #expect(outcome.exit == LauncherExit(status: .badData, message: nil))
  }

  @Test func anOverdueServerIsNamedWithTheRemedy() {
    var outcome = LauncherOutcome(server: .killed(signal: 9), stop: stop(), resumable: "run")
    outcome.isServerOverdue = true
    #expect(
      outcome.exit
        == LauncherExit(
          status: .signal(15),
          message: "the server did not stop within 10.0 seconds of SIGTERM and was killed; "
            + "--resume run continues from the last checkpoint"))
    outcome.stop = stop(hastened: true)
    #expect(
      outcome.exit
        == LauncherExit(
          status: .signal(2),
          message: "the server was killed 2.0 seconds after a second SIGINT; "
            + "--resume run continues from the last checkpoint"))
  }

  @Test func withoutARunThereIsNoRemedy() {
    let message = LauncherOutcome(server: .killed(signal: 11)).exit.message
    #expect(message == "the server was killed by signal 11 and is not restarted")
  }

  @Test func everyOtherEndHasAMessage() {
    let outcomes = [
      (LauncherOutcome(), Int32(75), "no server was started"),
      (LauncherOutcome(server: .unstarted(reason: "no memory")), 75, "no memory"),
      (LauncherOutcome(stop: stop()), 143, "stopped by SIGTERM while no server was running"),
      (
        LauncherOutcome(server: .killed(signal: 6), stop: stop()), 143,
        "the server was killed by signal 6 while it was stopping"
      ),
    ]
    for (outcome, code, message) in outcomes {
      #expect(outcome.exit == LauncherExit(status: ExitStatus(rawValue: code), message: message))
    }
  }
}
