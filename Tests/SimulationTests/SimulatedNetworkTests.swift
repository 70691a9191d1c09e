import Testing

@testable import Simulation

@Suite struct SimulatedNetworkTests {
  private func network(
    _ change: (inout NetworkConditions) -> Void = { _ in }
  ) -> SimulatedNetwork {
    var conditions = NetworkConditions(delay: 100...5000)
    change(&conditions)
    return SimulatedNetwork(
      conditions, links: [WorkerLink(), WorkerLink(toWorker: 500)],
      random: SplitMix64(seed: 3, stream: 3))
  }

  /// Sends a thousand messages, one every ten microseconds.
  private func transits(
    _ network: inout SimulatedNetwork, _ direction: Direction = .toServer, worker: Int = 0,
    from start: Microseconds = 0
  ) -> [SimulatedNetwork.Transit?] {
    (0..<1000).map { network.send(direction, worker: worker, at: start + 10 * $0) }
  }

  @Test func aFaultlessNetworkDeliversEverythingOnce() {
    var network = network()
    let all = transits(&network).compactMap { $0 }
    #expect(all.count == 1000 && all.allSatisfy { (100...5000).contains($0.latency) })
    #expect(all.allSatisfy { !$0.isDamaged && !$0.isOvertaken && $0.copyDelay == nil })
  }

  @Test func faultRatesMatchTheConditions() {
    var lossy = network { $0.loss = 200 }
    #expect((150...250).contains(transits(&lossy).count { $0 == nil }))
    var repeating = network { $0.duplication = 200 }
    #expect((150...250).contains(transits(&repeating).count { $0?.copyDelay != nil }))
    var damaging = network { $0.damage = 200 }
    #expect((150...250).contains(transits(&damaging).count { $0?.isDamaged == true }))
    var reordering = network { $0.reordering = 200 }
    #expect((150...250).contains(transits(&reordering).count { $0?.isOvertaken == true }))
  }

  @Test func aLossyPartitionDropsMessagesInItsDirectionsOnly() {
    var network = network()
    network.partition(0, Partition(toServer: true, toWorker: false), until: 20_000)
    #expect(transits(&network).allSatisfy { $0 == nil })
    #expect(transits(&network, .toWorker).allSatisfy { $0 != nil })
    #expect(transits(&network, worker: 1).allSatisfy { $0 != nil })
    #expect(transits(&network, from: 20_000).allSatisfy { $0 != nil })
  }

  @Test func aLosslessPartitionDelaysMessagesUntilItsEnd() {
    var network = network()
    network.partition(0, Partition(isLossy: false), until: 20_000)
    let all = transits(&network).compactMap { $0 }
    #expect(all.count == 1000)
    #expect(zip(0..., all).allSatisfy { 10 * $0 + $1.latency >= 20_000 })
  }

  @Test func noConnectionIsEstablishedDuringAPartition() {
    var network = network()
    network.partition(1, Partition(toServer: false), until: 50)
    #expect(network.isReachable(0, at: 0) && !network.isReachable(1, at: 49))
    #expect(network.isReachable(1, at: 50))
  }

  @Test func aLimitAppliesToOneDirectionOfOneLink() {
    var network = network()
    network.limit(0, .toServer, to: 100, until: .seconds(1))
    #expect(network.rate(0, .toServer).end(of: 50, from: 0) == .milliseconds(500))
    #expect(network.rate(0, .toWorker) == LinkRate())
    #expect(network.rate(1, .toWorker) == LinkRate(500))
  }

  @Test func noFaultsOccurAfterTheirEnd() {
    var network = network {
      ($0.loss, $0.duplication, $0.reordering, $0.damage) = (300, 300, 300, 300)
    }
    network.partition(0, Partition(), until: 1_000_000)
    network.limit(0, .toServer, to: 0, until: 1_000_000)
    network.endFaults()
    let all = transits(&network).compactMap { $0 }
    #expect(all.count == 1000 && network.rate(0, .toServer) == LinkRate())
    #expect(all.allSatisfy { !$0.isDamaged && !$0.isOvertaken && $0.copyDelay == nil })
  }
}
