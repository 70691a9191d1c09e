import Coordination
import Testing

@Suite struct MomentTests {
  @Test func laterMomentsAreGreater() {
    #expect(Moment(nanoseconds: 1) < Moment(nanoseconds: 2))
    #expect(!(Moment(nanoseconds: 2) < Moment(nanoseconds: 2)))
    #expect(max(Moment(nanoseconds: 5), Moment(nanoseconds: 3)).nanoseconds == 5)
  }

  @Test func durationsAreNeverNegative() {
    let (early, late) = (Moment(nanoseconds: 1_000_000_000), Moment(nanoseconds: 3_500_000_000))
    #expect(late.since(early) == .milliseconds(2500))
    #expect(early.since(late) == .zero)
    #expect(early.since(early) == .zero)
  }

  @Test func advancingIsTheInverseOfSince() {
    let start = Moment(nanoseconds: 123)
    for duration in [Duration.zero, .nanoseconds(1), .milliseconds(1500), .seconds(86_400)] {
      #expect(start.advanced(by: duration).since(start) == duration)
    }
  }

  /// Moments have a resolution of one nanosecond.
  @Test func attosecondsAreTruncated() {
    let duration = Duration(secondsComponent: 1, attosecondsComponent: 2_999_999_999)
    #expect(Moment(nanoseconds: 0).advanced(by: duration).nanoseconds == 1_000_000_002)
  }

  @Test func aNegativeDurationCountsAsZero() {
    let moment = Moment(nanoseconds: 50)
    for duration in [Duration.nanoseconds(-1), .seconds(-1), .milliseconds(-1500)] {
      #expect(moment.advanced(by: duration) == moment)
    }
  }

  @Test func anOverflowIsClampedToTheLastMoment() {
    let last = Moment(nanoseconds: .max)
    #expect(last.advanced(by: .nanoseconds(1)) == last)
    #expect(Moment(nanoseconds: 9).advanced(by: .seconds(Int64.max)) == last)
    #expect(Moment(nanoseconds: .max - 1).advanced(by: .nanoseconds(1)) == last)
    let longest = Duration(secondsComponent: .max, attosecondsComponent: 999_999_999_999_999_999)
    #expect(Moment(nanoseconds: 0).advanced(by: longest) == last)
  }

  /// 2^64 nanoseconds are 584 years, twice the range of a signed number.
  @Test func theLongestDurationIsBounded() {
    let passed = Moment(nanoseconds: .max).since(Moment(nanoseconds: 0))
    #expect(passed == .nanoseconds(Int64.max))
  }

  @Test func theDefaultTimingIsAsDocumented() {
    let timing = Timing()
    #expect(timing.heartbeat == .seconds(1))
    #expect(timing.silence == .seconds(5))
    #expect(timing.farewell < timing.silence && timing.silence < timing.connect)
  }
}
