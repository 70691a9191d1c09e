import Testing

@testable import Learning

@Suite struct EpochOrderTests {
  @Test(arguments: [1, 2, 3, 100, 1001])
  func everySampleOccursOnce(count: Int) {
    let order = EpochOrder(count: count, seed: 10).permutation(epoch: 3)
    #expect(order.sorted() == Array(0..<count))
  }

  @Test func ordersDifferByEpochAndSeed() {
    let orders = [
      EpochOrder(count: 50, seed: 10).permutation(epoch: 0),
      EpochOrder(count: 50, seed: 10).permutation(epoch: 1),
      EpochOrder(count: 50, seed: 11).permutation(epoch: 0),
      EpochOrder(count: 50, seed: 11).permutation(epoch: 1),
    ]
    #expect(Set(orders).count == 4)
    #expect(orders[0] == EpochOrder(count: 50, seed: 10).permutation(epoch: 0))
  }

  /// Expected values: an independent implementation of Philox4x32-10, Lemire's bounded integers and
  /// the shuffle in Python.
  @Test func ordersMatchAnIndependentImplementation() {
    #expect(
      EpochOrder(count: 12, seed: 10).permutation(epoch: 0)
        == [11, 4, 6, 0, 1, 8, 3, 2, 7, 5, 9, 10])
    #expect(
      EpochOrder(count: 12, seed: 10).permutation(epoch: 1)
        == [11, 0, 1, 2, 6, 7, 10, 3, 8, 9, 4, 5])
    #expect(
      EpochOrder(count: 12, seed: 11).permutation(epoch: 0)
        == [11, 8, 7, 3, 1, 0, 4, 6, 2, 9, 10, 5])
    let first = EpochOrder(count: 55_000, seed: 10).permutation(epoch: 0)[..<6]
    #expect(first == [28034, 30878, 16216, 32734, 47676, 41335])
  }

  /// Each of the 6 orders of 3 samples is expected in 1,000 of 6,000 epochs; the standard deviation
  /// is 29.
  @Test func ordersAreEquallyLikely() {
    let order = EpochOrder(count: 3, seed: 1)
    var counts: [[Int]: Int] = [:]
    for epoch in 0..<6000 { counts[order.permutation(epoch: UInt64(epoch)), default: 0] += 1 }
    #expect(counts.count == 6)
    #expect(counts.values.allSatisfy { abs($0 - 1000) < 150 })
  }

  @Test func positionsMaySpanEpochs() {
    var order = EpochOrder(count: 7, seed: 10)
    let whole = (0..<4).flatMap { order.permutation(epoch: $0) }
    #expect(order.indices(positions: 0..<28) == whole)
    #expect(order.indices(positions: 5..<16) == Array(whole[5..<16]))
    #expect(order.indices(positions: 20..<21) == [whole[20]])
    #expect(order.indices(positions: 3..<3).isEmpty)
  }

  @Test func indicesDoNotDependOnPreviousCalls() {
    var used = EpochOrder(count: 11, seed: 4)
    for start in [90, 3, 40, 0, 22] as [UInt64] {
      var fresh = EpochOrder(count: 11, seed: 4)
      #expect(
        used.indices(positions: start..<start + 9) == fresh.indices(positions: start..<start + 9))
    }
  }
}
