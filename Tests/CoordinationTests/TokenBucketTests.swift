import Coordination
import Testing

@Suite struct TokenBucketTests {
  @Test func aBurstAndThenTheRatePass() {
    var bucket = TokenBucket(capacity: 3, perSecond: 2)
    let times = (0..<40).map { Double($0) / 8 }
    let passed = times.filter { bucket.take(at: .seconds($0)) }
    #expect(passed == [0, 0.125, 0.25, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5])
  }

  @Test func noMoreThanTheCapacityIsSaved() {
    var bucket = TokenBucket(capacity: 2, perSecond: 1)
    let passed = (0..<9).filter { _ in bucket.take(at: .seconds(1000)) }
    #expect(passed == [0, 1])
    bucket.refill(at: .seconds(5000))
    #expect(bucket.tokens == 2)
  }

  @Test func aDebtIsRefilledFirst() {
    var bucket = TokenBucket(capacity: 4, perSecond: 2)
    #expect(bucket.time(ofRefillTo: 1) == nil)
    bucket.refill(at: .seconds(10))
    for _ in 0..<7 { bucket.spend() }
    #expect(bucket.tokens == -3)
    #expect(bucket.time(ofRefillTo: 1) == .seconds(12))
    let isTaken = [11.5, 12, 12.25].map { bucket.take(at: .seconds($0)) }
    #expect(isTaken == [false, true, false])
  }
}
