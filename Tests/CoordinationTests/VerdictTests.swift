import Coordination
import Learning
import Numerics
import Testing
import Wire

/// The server's answers to a push, and the content of the grants that carry them.
@Suite struct VerdictTests {
  private let settings = TrainingSettings.tiny()

  /// Returns a result of zeros that matches any lease of ``settings``.
  private func zeros(for lease: Lease) -> LeaseResult {
    guard case .train(let batch, let slices) = lease.work else {
      return LeaseResult(id: lease.id, version: lease.version, sums: [])
    }
    let sizes: [UInt64] = [2, 3, 2, 3]  // of the slices of 10 samples
    let tensor = PiecewiseVector(Array(repeating: 0, count: 108))
    let nodes: [Range<UInt32>] = slices.count == 3 ? [0..<2, 2..<3] : [slices]
    #expect(batch == lease.version)
    return LeaseResult(
      id: lease.id, version: lease.version,
      sums: slices.map { SampleSums(lossSum: 1, correct: 0, count: sizes[Int($0)]) },
      contributions: nodes.map { Contribution(slices: $0, values: tensor) })
  }

  @Test func aVerdictIsSentWithTheNextLeaseAndItsWeights() throws {
    var server = settings.makeServer()
    let lease = try #require(server.welcome(.a).first)
    let effects = server.push(zeros(for: lease), from: .a)
    let grants = effects.grants(to: .a)
    let grant = try #require(grants.first)
    #expect(grants.count == 1)
    #expect(grant.verdict == LeaseVerdict(id: lease.id, verdict: .applied))
    #expect(grant.leases.map(\.work) == [.train(batch: 1, slices: 0..<4)])
    #expect(grant.leases.map(\.version) == [1] && grant.version == 1)
    #expect(grant.hasWeights && effects.weights(to: .a) == server.optimizer.weights)
  }

  @Test func weightsAreSentOnceForEachVersion() throws {
    var server = settings.makeServer()
    let lease = try #require(server.welcome(.a).first)
    let invalid = LeaseResult(id: lease.id, version: 0, sums: [])
    let grants = server.push(invalid, from: .a).grants(to: .a)
    #expect(grants.map(\.leases.count) == [1])
    #expect(grants.map(\.hasWeights) == [false])
  }

  /// An idle worker gets new leases within the step; a step takes one message in each direction.
  @Test func aVerdictForAnIdleWorkerIsSentWithItsNextLeases() throws {
    var server = settings.makeServer()
    let whole = try #require(server.welcome(.a).first)
    _ = server.welcome(.b, incarnation: 2)
    let push = zeros(for: whole)
    let effects = server.push(push, from: .a)
    let ofA = try #require(effects.leases(to: .a).first)
    let ofB = try #require(effects.leases(to: .b).first)
    let waiting = server.push(zeros(for: ofA), from: .a)
    #expect(waiting.messages(to: .a).isEmpty)
    let done = server.push(zeros(for: ofB), from: .b)
    #expect(done.grants(to: .a).map(\.verdict) == [LeaseVerdict(id: ofA.id, verdict: .applied)])
    #expect(done.grants(to: .b).map(\.verdict) == [LeaseVerdict(id: ofB.id, verdict: .applied)])
    #expect(done.leases(to: .a).count == 1 && done.leases(to: .b).count == 1)
  }

  @Test func anIdleWorkerGetsItsVerdictWithoutWeights() throws {
    var server = settings.makeServer()
    let leases = server.welcome(.a)
    _ = server.welcome(.b, incarnation: 2)
    _ = server.handle(.unreachable(.a))  // b holds all slices
    let again = server.welcome(.c, incarnation: 3)
    #expect(again.isEmpty && leases.count == 1)
    let push = zeros(for: leases[0])
    let grants = server.push(push, from: .c).grants(to: .c)
    #expect(grants.map(\.leases.count) == [0])
    #expect(grants.map(\.hasWeights) == [false])
    #expect(grants.map { $0.verdict?.verdict } == [.stale])
  }

  @Test func aVerdictIsSentOnlyToItsWorker() throws {
    var server = settings.makeServer()
    let lease = try #require(server.welcome(.a).first)
    _ = server.welcome(.b, incarnation: 2)
    let push = zeros(for: lease)
    let grants = server.push(push, from: .a).grants(to: .b)
    #expect(grants.map { $0.verdict == nil } == [true])
    #expect(grants.flatMap(\.leases).map(\.work) == [.train(batch: 1, slices: 2..<4)])
  }

  /// Each of the others is answered and reported, and changes neither weights nor leases.
  @Test func onlyTheFirstResultFromAHolderCounts() throws {
    var server = settings.makeServer()
    let lease = try #require(server.welcome(.a).first)
    let result = zeros(for: lease)
    _ = server.welcome(.b, name: "bert", incarnation: 2)
    func id(_ incarnation: UInt64, _ counter: UInt64) -> LeaseResult {
      LeaseResult(
        id: LeaseID(incarnation: incarnation, counter: counter), version: 0, sums: result.sums,
        contributions: result.contributions)
    }
    let refusal = Verdict.rejected("this lease was not granted to this worker")
    #expect(server.verdict(on: result, from: .b) == refusal)
    #expect(server.verdict(on: id(0xABC, 99), from: .a) == refusal)
    #expect(server.verdict(on: id(0xABD, 0), from: .a) == .stale)
    #expect(server.version == 0)
    #expect(server.verdict(on: result, from: .a) == .applied)
    #expect(server.version == 1)
    #expect(server.verdict(on: result, from: .a) == .duplicate)
    #expect(server.version == 1)
    let push = result
    let reports = server.push(push, from: .b).reports
    #expect(reports == [.rejected(name: "bert", verdict: .duplicate)])
  }

  @Test func aLeaseOfAFormerSessionIsStaleEvenFromTheSameWorker() throws {
    var server = settings.makeServer()
    let lease = try #require(server.welcome(.a).first)
    let again = try #require(server.welcome(.b).first)  // the same worker on a new connection
    #expect(server.verdict(on: zeros(for: lease), from: .b) == .stale)
    #expect(server.verdict(on: zeros(for: again), from: .b) == .applied)
  }
}
