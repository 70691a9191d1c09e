import Learning
import Numerics
import Testing
import Wire

@testable import Coordination

/// A second batch for workers over a slow link, in mode `async`.
@Suite struct OverlapTests {
  private let settings = TrainingSettings.tiny(.async, steps: 400)

  /// One worker in virtual time: it computes its leases one after the other.
  private struct Worker {
    let peer: PeerID
    var results: [(arrival: Moment, lease: Lease)] = []
    var free = Moment.start

    var nextArrival: Moment { results.first?.arrival ?? .never }

    /// Accepts a lease that is granted now, and plans the arrival of its result.
    mutating func accept(_ lease: Lease, at now: Moment, link: Duration, computation: Duration) {
      let begin = max(free, now.advanced(by: link / 2))
      free = begin.advanced(by: computation)
      results.append((free.advanced(by: link / 2), lease))
    }
  }

  /// Trains over links with the given round trip for some seconds.
  ///
  /// - Returns: the updates per second in the second half, and the most leases of a worker then.
  private func train(
    _ settings: TrainingSettings, workers count: Int = 1, link: Duration,
    computation: Duration = .milliseconds(10), seconds: Double = 4
  ) throws -> (rate: Double, leases: Int) {
    var server = settings.makeServer()
    var workers = (0..<count).map { Worker(peer: PeerID([UInt8($0)])) }
    for index in workers.indices {
      let leases = server.welcome(
        workers[index].peer, name: "worker \(index)", incarnation: UInt64(index) + 1)
      for lease in leases {
        workers[index].accept(lease, at: .start, link: link, computation: computation)
      }
    }
    var (half, most) = (UInt64(0), 0)
    while let next = workers.indices.min(by: { workers[$0].nextArrival < workers[$1].nextArrival }),
      let (now, lease) = workers[next].results.first, now < .seconds(seconds)
    {
      workers[next].results.removeFirst()
      let result = try server.zeros(lease, computation: computation)
      let effects = server.push(result, from: workers[next].peer, at: now)
      for index in workers.indices {
        for lease in effects.leases(to: workers[index].peer) {
          workers[index].accept(lease, at: now, link: link, computation: computation)
        }
      }
      if now < .seconds(seconds / 2) {
        half = server.version
      } else {
        most = max(most, workers.map(\.results.count).max() ?? 0)
      }
    }
    return (Double(server.version - half) / (seconds / 2), most)
  }

  /// 10 ms of computation and 100 ms of the link: two batches in 110 ms instead of one.
  @Test func aSecondBatchHidesASlowLink() throws {
    let found = try train(settings, link: .milliseconds(100))
    #expect(found.leases == 2)
    #expect((17...19).contains(found.rate), "\(found.rate)")
  }

  /// The link takes less than one and a half computations, or hardly any time.
  @Test(arguments: [(12, 10), (1, 10), (15, 1)])
  func aFastLinkIsNotOverlapped(link: Int, computation: Int) throws {
    let found = try train(
      settings, link: .milliseconds(link), computation: .milliseconds(computation), seconds: 2)
    #expect(found.leases == 1)
  }

  @Test(arguments: [(2, 2), (3, 1)])
  func onlyAFewWorkersOverlap(workers: Int, leases: Int) throws {
    let found = try train(settings, workers: workers, link: .milliseconds(100))
    #expect(found.leases == leases)
  }

  @Test func aLimitOnStalenessOrOnTheLeadExcludesASecondBatch() throws {
    var limited = settings
    limited.maximumStaleness = 3
    #expect(try train(limited, link: .milliseconds(100)).leases == 1)
    let bounded = TrainingSettings.tiny(.bounded, steps: 400)
    #expect(try train(bounded, link: .milliseconds(100)).leases == 1)
  }

  /// With two leases, one that waits for the other's computation looks like a link of that length.
  @Test func overlappingEndsOnceTheLinkIsFast() {
    var cost = CostEstimate()
    func record(_ link: Int, times: Int) {
      for _ in 0..<times {
        cost.record(
          elapsed: .milliseconds(link + 20), computed: .milliseconds(20), samples: 10)
      }
    }
    record(100, times: 2)
    #expect(!cost.isWorthOverlapping(samples: 10, overlaps: false), "too few records")
    record(100, times: 1)
    #expect(cost.isWorthOverlapping(samples: 10, overlaps: false))
    record(26, times: 1)
    #expect(!cost.isWorthOverlapping(samples: 10, overlaps: false))
    #expect(cost.isWorthOverlapping(samples: 10, overlaps: true))
    record(20, times: 1)
    #expect(!cost.isWorthOverlapping(samples: 10, overlaps: true))
  }
}
