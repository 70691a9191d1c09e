import TestSupport
import Testing

@testable import Coordination

@Suite struct CostEstimateTests {
  private func milliseconds(_ duration: Duration?) -> Double? {
    duration.map { ($0.seconds * 1e9).rounded() / 1e6 }
  }

  @Test func thereIsNoLimitWithoutARecord() {
    let estimate = CostEstimate()
    #expect(estimate.expected(samples: 1) == nil && estimate.limit(samples: 1) == nil)
  }

  /// Mean and deviation of the link by hand, from RFC 6298, section 2: 80 and 40 ms, then
  /// 80 + (120 - 80) / 8 and 40 + (40 - 40) / 4, then 85 - 40 / 8 and 40 + (40 - 40) / 4, then
  /// 80 and 40 - 40 / 4.
  @Test func theLinkIsEstimatedAsInRFC6298() {
    var estimate = CostEstimate()
    for (link, mean, deviation) in [(80, 80, 40), (120, 85, 40), (45, 80, 40), (80, 80, 30)] {
      estimate.record(
        elapsed: .milliseconds(link + 20), computed: .milliseconds(20), samples: 10)
      #expect(milliseconds(estimate.expected(samples: 10)) == Double(mean + 20))
      #expect(milliseconds(estimate.expected(samples: 5)) == Double(mean + 10))
      #expect(milliseconds(estimate.limit(samples: 10)) == Double(mean + 4 * deviation + 80))
    }
  }

  @Test func theComputationFallsAtOnceAndRisesSlowly() {
    var estimate = CostEstimate()
    for (time, mean) in [(100, 100.0), (200, 110), (210, 120), (50, 50)] {
      let computed = Duration.milliseconds(time)
      estimate.record(elapsed: computed, computed: computed, samples: 10)
      #expect(milliseconds(estimate.expected(samples: 10)) == mean)
    }
  }

  @Test func theLimitIsAtLeastTenMilliseconds() {
    var estimate = CostEstimate()
    estimate.record(elapsed: .microseconds(20), computed: .microseconds(10), samples: 10)
    #expect(estimate.limit(samples: 10) == .milliseconds(10))
    #expect(milliseconds(estimate.limit(samples: 10_000)) == 40.03)
  }

  /// The time of the computation is measured by the worker, and need not be true.
  @Test func aComputationDoesNotTakeLongerThanTheLease() {
    var estimate = CostEstimate()
    estimate.record(elapsed: .milliseconds(30), computed: .seconds(1000), samples: 0)
    #expect(milliseconds(estimate.expected(samples: 1)) == 30)
    estimate.record(elapsed: .milliseconds(30), computed: .seconds(-1000), samples: 1)
    #expect(milliseconds(estimate.expected(samples: 0)) == 3.75)
  }

  /// One of 100 transfers takes 10 times as long, as with lost packets: only those are late.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func fewLeasesAreLateOnALinkThatLosesPackets(seed: UInt64) {
    var random = SplitMix64(state: seed)
    var estimate = CostEstimate()
    var late = 0
    for lease in 0..<10_100 {
      let isSlow = random.next() % 100 == 0
      let transfer = Double(40 + random.next() % 21) * (isSlow ? 10 : 1)
      let computed = Duration.milliseconds(18 + Int(random.next() % 5))
      let elapsed = computed + .milliseconds(transfer)
      if lease >= 100, let limit = estimate.limit(samples: 50), elapsed > limit { late += 1 }
      estimate.record(elapsed: elapsed, computed: computed, samples: 50)
    }
    #expect(late < 200)
  }

  @Test func aWorkerThatBecomesSlowIsLateAtOnce() {
    var random = SplitMix64(state: 4)
    var estimate = CostEstimate()
    for _ in 0..<100 {
      let computed = Duration.milliseconds(18 + Int(random.next() % 5))
      let transfer = Duration.milliseconds(40 + Int(random.next() % 21))
      estimate.record(elapsed: computed + transfer, computed: computed, samples: 50)
    }
    let limit = estimate.limit(samples: 50) ?? .zero
    #expect(limit > .milliseconds(120) && limit < .milliseconds(20 * 20))
  }
}
