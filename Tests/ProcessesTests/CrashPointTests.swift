import Synchronization
import Testing

@testable import Processes

@Suite struct CrashPointTests {
  @Test(arguments: CrashPoint.Place.allCases)
  func aPlaceMayHaveANumber(place: CrashPoint.Place) {
    #expect(CrashPoint(place.rawValue)?.place == place)
    #expect(CrashPoint(place.rawValue)?.visit == 1)
    #expect(CrashPoint(place.rawValue + ":12")?.visit == 12)
  }

  @Test(arguments: ["", "Push", "push:", "push:0", "push:-1", "push:1:2", "push:x", ":1", "pull"])
  func anyOtherTextIsNoCrashPoint(text: String) { #expect(CrashPoint(text) == nil) }

  @Test func aTriggerCrashesOnceAtItsVisit() {
    let crashes = CrashCounter()
    let trigger = crashes.trigger(at: "push:3")
    for visit in 1...9 {
      for place in CrashPoint.Place.allCases where place != .push { trigger.pass(place) }
      trigger.pass(.push)
      #expect(crashes.count == (visit < 3 ? 0 : 1))
    }
  }

  @Test func aTriggerWithoutAPointNeverCrashes() {
    let trigger = CrashTrigger(at: nil)
    for place in CrashPoint.Place.allCases { trigger.pass(place) }
  }
}

/// A counter of crashes that were triggered, in place of the end of the process.
final class CrashCounter: Sendable {
  private let crashes = Atomic<Int>(0)

  var count: Int { crashes.load(ordering: .relaxed) }

  func trigger(at point: String) -> CrashTrigger {
    CrashTrigger(at: CrashPoint(point)) { self.crashes.wrappingAdd(1, ordering: .relaxed) }
  }
}
