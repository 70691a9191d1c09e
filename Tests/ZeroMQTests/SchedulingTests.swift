import CLinux
import Testing

@Suite struct SchedulingTests {
  @Test func aRequestForShortSlicesAffectsOneThreadOnly() async {
    let before = cscheduling_time_slice()
    let asked = onThread { [cscheduling_set_time_slice(100), cscheduling_time_slice()] }
    let found = await asked.value
    #expect(found[0] == 0)
    // Kernels before 6.12 accept the request and ignore it.
    #expect(found[1] == 100 || found[1] == before)
    #expect(cscheduling_time_slice() == before)
  }

  @Test(arguments: [0, 1, 1_000_000_000] as [UInt32])
  func anUnsupportedSliceLengthIsNotAnError(microseconds: UInt32) async {
    let asked = onThread {
      [cscheduling_set_time_slice(microseconds), cscheduling_time_slice()]
    }
    let found = await asked.value
    #expect(found[0] == 0 && found[1] <= 100_000)
  }
}
