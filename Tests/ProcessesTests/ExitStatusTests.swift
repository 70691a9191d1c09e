import Testing

@testable import Processes

@Suite struct ExitStatusTests {
  @Test func theCodesAreThoseOfSysexits() {
    #expect(ExitStatus.meanings.map(\.status.rawValue) == [0, 1, 64, 65, 69, 70, 71, 74, 75, 78])
  }

  @Test func aSignalAdds128ToItsNumber() {
    #expect(ExitStatus.stopped.map(\.rawValue) == [129, 130, 143])
    #expect(ExitStatus.signal(9).rawValue == 137)
  }

  @Test func theSummaryContainsEachCodeAndItsMeaning() {
    let summary = ExitStatus.summary
    for (status, meaning) in ExitStatus.meanings {
      #expect(summary.contains("\(status.rawValue) \(meaning)"))
    }
    #expect(
      summary.hasSuffix("129 stopped by SIGHUP, 130 stopped by SIGINT, 143 stopped by SIGTERM."))
  }
}
