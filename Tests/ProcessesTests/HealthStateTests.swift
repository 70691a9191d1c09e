import Coordination
import Testing
import Wire

@testable import Processes

/// The answers of a server about its health, and the place where it gives them.
@Suite struct HealthStateTests {
  private func moment(_ seconds: Double) -> Moment {
    Moment(nanoseconds: 0).advanced(by: .seconds(seconds))
  }

  private func status(_ phase: RunStatus.Phase) -> RunStatus {
    var status = RunStatus(recipe: "v1", mode: "sync", phase: phase)
    (status.readyWorkers, status.neededWorkers) = (1, 3)
    return status
  }

  @Test func aLoopThatTurnsIsHealthyAndOneThatDoesNotIsNot() {
    let state = HealthState()
    #expect(state.health(at: moment(1000)).isGood, "the server starts")
    state.publish(status(.training), at: moment(5))
    #expect(state.health(at: moment(14.9)).isGood)
    #expect(state.readiness(at: moment(14.9)).isGood)
    let stuck = state.health(at: moment(15))
    #expect(!stuck.isGood && stuck.reason == "the server's loop has not turned for 10 s")
    #expect(state.readiness(at: moment(15)) == stuck)
    state.publish(status(.training), at: moment(16))
    #expect(state.health(at: moment(17)).isGood)
    #expect(state.health(at: moment(2)).isGood, "the clock was read before the last turn")
    state.end()
    #expect(state.health(at: moment(1000)).isGood && !state.readiness(at: moment(1000)).isGood)
  }

  @Test(arguments: [
    (RunStatus.Phase.waiting, "waiting for workers: 1 of 3 are ready"), (.training, "ok"),
    (.evaluating, "ok"), (.complete, "the run is complete"), (.stopped, "the run stops"),
    (.diverged, "the training diverged"),
  ])
  func aServerIsReadyWhileItHasEnoughWorkers(phase: RunStatus.Phase, reason: String) {
    let state = HealthState()
    #expect(state.readiness(at: moment(0)).reason == "the server starts")
    state.publish(status(phase), at: moment(0))
    let answer = state.readiness(at: moment(1))
    #expect(answer.reason == reason && answer.isGood == (reason == "ok"))
  }

  @Test(arguments: [
    ("tcp://127.0.0.1:80", "127.0.0.1", 80), ("localhost:0", "localhost", 0),
    ("*:9100", "*", 9100), ("[::1]:65535", "::1", 65535), ("tcp://[::]:1", "::", 1),
  ])
  func anEndpointIsParsed(text: String, host: String, port: UInt16) throws {
    let endpoint = try #require(HealthEndpoint(text))
    #expect(endpoint.host == host && endpoint.port == port)
    #expect(HealthEndpoint(endpoint.text(port: port)) == endpoint)
  }

  @Test(arguments: [
    "", ":80", "host", "host:", "host:65536", "host:-1", "host:http", "::1:80", "http://host:80",
    "ipc://file", "a b:80", "tcp://", "[]:80", "host:80/healthz",
  ])
  func anotherTextIsNotAnEndpoint(text: String) { #expect(HealthEndpoint(text) == nil) }
}
