import Coordination
import Testing

@testable import Processes

@Suite struct TokenBucketTests {
  @Test func aBurstAndThenOneASecondPass() {
    var bucket = TokenBucket(capacity: 3, perSecond: 1)
    let times = (0..<50).map { Double($0) / 8 }
    let passed = times.filter { bucket.take(at: .seconds($0)) != nil }
    #expect(passed == [0, 0.125, 0.25, 1, 2, 3, 4, 5, 6])
  }

  @Test func suppressedEventsAreCounted() {
    var bucket = TokenBucket(capacity: 2, perSecond: 1)
    #expect((0..<5).map { _ in bucket.take(at: .seconds(7)) } == [0, 0, nil, nil, nil])
    #expect(bucket.takeSuppressed(at: .seconds(7.5)) == nil)
    #expect(bucket.take(at: .seconds(8)) == 3)
    #expect(bucket.takeSuppressed(at: .seconds(20)) == nil)
  }

  @Test func theyAreReportedWithoutAnotherEvent() {
    var bucket = TokenBucket(capacity: 1, perSecond: 1)
    #expect((0..<9).compactMap { _ in bucket.take(at: .seconds(1)) } == [0])
    #expect(bucket.takeSuppressed(at: .seconds(2)) == 8)
    #expect(bucket.takeSuppressed(at: .seconds(9)) == nil)
  }

  @Test func noMoreThanTheCapacityIsSaved() {
    var bucket = TokenBucket(capacity: 2, perSecond: 1)
    #expect((0..<9).compactMap { _ in bucket.take(at: .seconds(1000)) }.count == 2)
  }
}

extension Moment {
  fileprivate static func seconds(_ seconds: Double) -> Moment {
    Moment(nanoseconds: UInt64((seconds * 1e9).rounded()))
  }
}
