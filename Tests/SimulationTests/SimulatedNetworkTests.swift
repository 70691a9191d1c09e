import Testing

@testable import Simulation

@Suite struct SimulatedNetworkTests {
  private func network(
    _ change: (inout NetworkConditions) -> Void = { _ in }
  ) -> SimulatedNetwork {
    var conditions = NetworkConditions(delay: 100...5000)
    change(&conditions)
    return SimulatedNetwork(conditions, workers: 2, random: SplitMix64(seed: 3, stream: 3))
  }

  /// Sends a thousand messages, one every ten microseconds.
  private func arrivals(
    _ network: inout SimulatedNetwork, _ direction: Direction = .toServer, worker: Int = 0,
    from start: Microseconds = 0
  ) -> [[SimulatedNetwork.Arrival]] {
    var barrier = 0
    return (0..<1000).map {
      network.send(direction, worker: worker, barrier: &barrier, at: start + 10 * $0)
    }
  }

  @Test func aFaultlessNetworkDeliversEverythingOnceAndInOrder() {
    var network = network()
    let all = arrivals(&network)
    #expect(all.allSatisfy { $0.count == 1 && !$0[0].isDamaged })
    let times = all.flatMap { $0 }.map(\.time)
    #expect(times == times.sorted())
    #expect(zip(0..., times).allSatisfy { (10 * $0 + 100...10 * 1000 + 5000).contains($1) })
  }

  @Test func faultRatesMatchTheConditions() {
    var lossy = network { $0.loss = 200 }
    #expect((150...250).contains(arrivals(&lossy).count { $0.isEmpty }))
    var repeating = network { $0.duplication = 200 }
    #expect((150...250).contains(arrivals(&repeating).count { $0.count == 2 }))
    var damaging = network { $0.damage = 200 }
    #expect((150...250).contains(arrivals(&damaging).count { $0[0].isDamaged }))
  }

  @Test func reorderingChangesOnlyTheOrder() {
    var network = network { $0.reordering = 100 }
    let times = arrivals(&network).map { $0.map(\.time) }
    #expect(times.allSatisfy { $0.count == 1 })
    #expect(times.flatMap { $0 } != times.flatMap { $0 }.sorted())
  }

  @Test func aLossyPartitionDropsMessagesInItsDirectionsOnly() {
    var network = network()
    network.partition(0, Partition(toServer: true, toWorker: false), until: 20_000)
    #expect(arrivals(&network).allSatisfy { $0.isEmpty })
    #expect(arrivals(&network, .toWorker).allSatisfy { $0.count == 1 })
    #expect(arrivals(&network, worker: 1).allSatisfy { $0.count == 1 })
    #expect(arrivals(&network, from: 20_000).allSatisfy { $0.count == 1 })
  }

  @Test func aLosslessPartitionDelaysMessagesUntilItsEnd() {
    var network = network()
    network.partition(0, Partition(isLossy: false), until: 20_000)
    let times = arrivals(&network).flatMap { $0 }.map(\.time)
    #expect(times.count == 1000 && times.allSatisfy { $0 >= 20_000 } && times == times.sorted())
  }

  @Test func noConnectionIsEstablishedDuringAPartition() {
    var network = network()
    network.partition(1, Partition(toServer: false), until: 50)
    #expect(network.isReachable(0, at: 0) && !network.isReachable(1, at: 49))
    #expect(network.isReachable(1, at: 50))
  }

  @Test func noFaultsOccurAfterTheirEnd() {
    var network = network {
      ($0.loss, $0.duplication, $0.reordering, $0.damage) = (300, 300, 300, 300)
    }
    network.partition(0, Partition(), until: 1_000_000)
    network.endFaults()
    let all = arrivals(&network)
    #expect(all.allSatisfy { $0.count == 1 && !$0[0].isDamaged })
    #expect(all.flatMap { $0 }.map(\.time) == all.flatMap { $0 }.map(\.time).sorted())
  }
}
