import CLinux
import Testing

@Suite struct SchedulingTests {
  @Test func aRequestForShortSlicesAffectsOneThreadOnly() async {
    let before = cscheduling_length_of_runs()
    let asked = onThread { [cscheduling_ask_for_runs_of(100), cscheduling_length_of_runs()] }
    let found = await asked.value
    #expect(found[0] == 0)
    // Kernels before 6.12 accept the request and ignore it.
    #expect(found[1] == 100 || found[1] == before)
    #expect(cscheduling_length_of_runs() == before)
  }

  @Test(arguments: [0, 1, 1_000_000_000] as [UInt32])
  func anUnsupportedSliceLengthIsNotAnError(microseconds: UInt32) async {
    let asked = onThread {
      [cscheduling_ask_for_runs_of(microseconds), cscheduling_length_of_runs()]
    }
    let found = await asked.value
    #expect(found[0] == 0 && found[1] <= 100_000)
  }
}
