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
  func anythingElseIsNone(text: String) { #expect(CrashPoint(text) == nil) }

  @Test func otherPlacesAndEarlierVisitsAreSurvived() {
    let crash = Crash(at: CrashPoint("push:3"))
    for _ in 0..<2 { crash.pass(.push) }
    for place in CrashPoint.Place.allCases where place != .push {
      for _ in 0..<5 { crash.pass(place) }
    }
    for place in CrashPoint.Place.allCases { Crash(at: nil).pass(place) }
  }
}
