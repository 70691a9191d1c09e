import TestSupport
import Testing

@testable import Processes

@Suite struct ChaosTests {
  @Test func everyKindOfEventIsParsed() throws {
    let text = "kill:worker:2@50,restart:server@120,stop:worker:1@200+6s,term:worker:1@90"
    let events = try Chaos(text).events
    #expect(events.map(\.action) == [.kill, .restart, .stop, .term])
    #expect(events.map(\.target) == [.worker(2), .server, .worker(1), .worker(1)])
    #expect(events.map(\.step) == [50, 120, 200, 90])
    #expect(events.map(\.pause) == [.zero, .zero, .seconds(6), .zero])
    #expect(events.map(\.description).joined(separator: ",") == text)
  }

  @Test func aStopMayLastLessThanASecond() throws {
    #expect(try Chaos("stop:server@1+0.25s").events.first?.pause == .milliseconds(250))
  }

  @Test(arguments: ["", "kil:worker:1@5", "KILL:server@5", ":server@5", " kill:server@5", "@5"])
  func anItemWithoutAnActionIsAnError(item: String) {
    #expect(throws: ChaosError.action(item: item)) { try Chaos("kill:worker:1@1," + item) }
  }

  @Test(arguments: [
    "kill", "kill@5", "kill:worker@5", "kill:worker:0@5", "kill:worker:-1@5", "kill:worker:one@5",
    "kill:worker:1:2@5", "kill:server:1@5", "kill:workers:1@5", "kill:@5",
  ])
  func anItemWithoutATargetIsAnError(item: String) {
    #expect(throws: ChaosError.target(item: item)) { try Chaos("kill:worker:1@1," + item) }
  }

  @Test(arguments: [
    "kill:server", "kill:server@", "kill:server@0", "kill:server@-1", "kill:server@soon",
    "kill:server@1@2", "kill:server@99999999999999999999", "stop:server@+6s",
  ])
  func anItemWithoutAStepIsAnError(item: String) {
    #expect(throws: ChaosError.step(item: item)) { try Chaos("kill:worker:1@1," + item) }
  }

  @Test(arguments: [
    "stop:server@5", "stop:server@5+", "stop:server@5+6", "stop:server@5+0s", "stop:server@5+-1s",
    "stop:server@5+nans", "stop:server@5+infs", "stop:server@5+3601s", "stop:server@5+6s+6s",
    "kill:server@5+6s", "term:server@5+6s", "restart:server@5+1s",
  ])
  func onlyAStopHasATime(item: String) {
    #expect(throws: ChaosError.pause(item: item)) { try Chaos("kill:worker:1@1," + item) }
  }

  @Test(arguments: ["kill:server@5,", ",kill:server@5", "kill:server@5,,kill:server@6"])
  func anExtraCommaIsAnError(text: String) {
    #expect(throws: ChaosError.action(item: "")) { try Chaos(text) }
  }

  @Test(arguments: [
    ChaosError.action(item: "that"), .target(item: "that"), .step(item: "that"),
    .pause(item: "that"),
  ])
  func anErrorNamesTheItemAndTheSyntaxInOneLine(error: ChaosError) {
    #expect(error.description.hasPrefix("'that'"))
    #expect(error.description.hasSuffix("; " + Chaos.grammar))
    #expect(!error.description.contains("\n"))
  }

  @Test func anEventIsTriggeredOnceEvenIfStepsAreRepeated() throws {
    var chaos = try Chaos("kill:worker:1@5,term:server@3,kill:worker:2@5")
    #expect(chaos.take(at: 2).isEmpty)
    #expect(chaos.take(at: 4).map(\.step) == [3])
    #expect(chaos.take(at: 1).isEmpty)
    #expect(chaos.take(at: 3).isEmpty)
    #expect(chaos.events.count == 2)
    #expect(chaos.take(at: 900).map(\.target) == [.worker(1), .worker(2)])
    #expect(chaos.take(at: .max).isEmpty)
  }

  @Test func theHighestWorkerIsThatOfTheEvents() throws {
    #expect(try Chaos("kill:worker:2@5,kill:worker:7@1,kill:server@9").highestWorker == 7)
    #expect(try Chaos("kill:server@9").highestWorker == 0)
    #expect(Chaos().highestWorker == 0)
  }
}
