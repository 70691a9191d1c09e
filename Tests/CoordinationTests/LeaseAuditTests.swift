import Learning
import Numerics
import Testing
import Wire

@testable import Coordination

/// The machine that compares results, by itself.
@Suite struct LeaseAuditTests {
  private let anna = WorkerIncarnation(name: "anna", incarnation: 1)
  private let bert = WorkerIncarnation(name: "bert", incarnation: 2)

  private func lease(_ counter: UInt64) -> Lease {
    Lease(
      id: LeaseID(incarnation: 1, counter: counter), version: 0,
      work: .train(batch: 0, slices: 0..<1))
  }

  private func result(_ lease: Lease, _ values: [Float] = [1, 2], loss: Double = 3) -> LeaseResult {
    LeaseResult(
      id: lease.id, version: lease.version,
      sums: [SampleSums(lossSum: loss, correct: 1, count: 2)],
      contributions: [Contribution(slices: 0..<1, values: PiecewiseVector(values))])
  }

  /// An audit with one comparison, both of whose computations are leased.
  private func comparing() -> (audit: LeaseAudit, first: Lease, second: Lease) {
    var audit = LeaseAudit(share: 1, seed: 1)
    let (first, second) = (lease(4), lease(5))
    audit.begin(first)
    audit.assign(second.id, for: first)
    return (audit, first, second)
  }

  @Test(arguments: [0, 0.01, 0.25, 1])
  func theShareOfTheLeasesIsSelected(share: Double) {
    let count = (0..<10_000).count { counter in
      var audit = LeaseAudit(share: share, seed: 9)
      audit.begin(lease(UInt64(counter)))
      return !audit.isEmpty
    }
    #expect(abs(Double(count) / 10_000 - share) < 0.02)
    #expect(share != 0 || count == 0)
    #expect(share != 1 || count == 10_000)
  }

  /// The selection depends on nothing that a worker has.
  @Test func anotherSeedSelectsOtherLeases() {
    let selections = (0..<4 as Range<UInt64>).map { seed in
      (0..<200 as Range<UInt64>).filter { counter in
        var audit = LeaseAudit(share: 0.5, seed: seed)
        audit.begin(lease(counter))
        return !audit.isEmpty
      }
    }
    #expect(Set(selections).count == 4)
  }

  @Test func evaluationsAreNotAudited() {
    var audit = LeaseAudit(share: 1, seed: 1)
    audit.begin(
      Lease(
        id: LeaseID(incarnation: 1, counter: 0), version: 0,
        work: .evaluate(split: .test, samples: 0..<9)))
    #expect(audit.isEmpty)
  }

  @Test func theNumberOfComparisonsIsBounded() {
    var audit = LeaseAudit(share: 1, seed: 1)
    for counter in 0..<200 as Range<UInt64> { audit.begin(lease(counter)) }
    #expect(audit.needs.count == Policy.mostAudits)
    #expect(audit.needs.map(\.work.id.counter) == Array(0..<64))
  }

  @Test func resultsWithTheSameBitsAreConfirmed() {
    var (audit, first, second) = comparing()
    let firstConclusion = audit.add(result(first), first.id, by: anna)
    #expect(firstConclusion.isOpen)
    guard case .confirmed = audit.add(result(second), second.id, by: bert) else {
      Issue.record("the results are the same")
      return
    }
    #expect(audit.isEmpty && audit.needs.isEmpty && !audit.isAudited(first.id))
  }

  /// Zero and minus zero are equal numbers with other bits.
  @Test(
    arguments: [
      ([1, 2], [1, Float(2).nextUp], 3), ([0, 2], [-0.0, 2], 3), ([1, 2], [1, 2, 0], 3),
      ([1, 2], [1, 2], Double(3).nextUp),
    ] as [([Float], [Float], Double)])
  func aDifferenceInOneBitIsFound(values: [Float], others: [Float], loss: Double) {
    var (audit, first, second) = comparing()
    _ = audit.add(result(first, values), first.id, by: anna)
    guard
      case .differing(let disputed) = audit.add(
        result(second, others, loss: loss), second.id, by: bert)
    else {
      Issue.record("the results differ")
      return
    }
    #expect(disputed == first)
    let decision = audit.decide(result(first, values))
    #expect(decision?.right == [anna] && decision?.wrong == [bert])
    #expect(decision?.work == first.work && audit.isEmpty)
  }

  @Test func bothWorkersCanBeWrong() {
    var (audit, first, second) = comparing()
    _ = audit.add(result(first, [1, 1]), first.id, by: anna)
    _ = audit.add(result(second, [2, 2]), second.id, by: bert)
    let decision = audit.decide(result(first, [3, 3]))
    #expect(decision?.right.isEmpty == true && decision?.wrong == [anna, bert])
  }

  @Test func theServerDecidesWithOneResult() {
    var (audit, first, second) = comparing()
    let early = audit.arbitrate(second.id)
    #expect(early == nil, "there is nothing to compare with")
    _ = audit.add(result(first), first.id, by: anna)
    let (once, twice) = (audit.arbitrate(second.id), audit.arbitrate(second.id))
    #expect(once == first && twice == nil, "the server computes it once")
    let (decision, again) = (audit.decide(result(first)), audit.decide(result(first)))
    #expect(decision?.right == [anna] && decision?.unanswered == [second.id])
    #expect(again == nil)
  }

  /// The second worker may answer before the server.
  @Test func aSecondResultThatArrivesFirstDecides() {
    var (audit, first, second) = comparing()
    _ = audit.add(result(first), first.id, by: anna)
    _ = audit.arbitrate(second.id)
    guard case .confirmed = audit.add(result(second), second.id, by: bert) else {
      Issue.record("the results are the same")
      return
    }
    let late = audit.decide(result(first))
    #expect(late == nil)
  }

  /// A second result that differs does not make the server compute the work twice.
  @Test func theServerComputesWorkOnce() {
    var (audit, first, second) = comparing()
    _ = audit.add(result(first), first.id, by: anna)
    _ = audit.arbitrate(second.id)
    let conclusion = audit.add(result(second, [9, 9]), second.id, by: bert)
    let decision = audit.decide(result(first))
    #expect(conclusion.isOpen && decision?.wrong == [bert])
  }

  @Test func eitherComputationIsLeasedAgain() {
    var (audit, first, second) = comparing()
    #expect(audit.needs.isEmpty)
    #expect([first, second, first].map { audit.reopen($0.id) } == [true, true, false])
    #expect(audit.needs.map(\.work) == [first, first])
    let (third, fourth) = (lease(6), lease(7))
    audit.assign(third.id, for: first)
    #expect(audit.needs.map(\.other.lease) == [third.id])
    audit.assign(fourth.id, for: first)
    _ = audit.add(result(fourth), fourth.id, by: anna)
    #expect(audit.other(of: third.id).author == anna)
    _ = audit.reopen(third.id)
    #expect(audit.needs.map(\.other.author) == [anna])
  }

  @Test func aDroppedComparisonLeavesNothing() {
    var (audit, first, second) = comparing()
    let (dropped, again) = (audit.drop(first.id), audit.drop(first.id))
    #expect(dropped.sorted() == [first.id, second.id])
    #expect(audit.isEmpty && again.isEmpty)
    let decision = audit.decide(result(first))
    #expect(decision == nil)
  }
}

extension LeaseAudit.Conclusion {
  fileprivate var isOpen: Bool { if case .open = self { true } else { false } }
}
