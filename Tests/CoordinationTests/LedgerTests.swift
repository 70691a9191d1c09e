import Coordination
import TestSupport
import Testing
import Wire

@Suite struct LedgerTests {
  private let work = Work.train(batch: 3, slices: 0..<2)

  @Test func aLeaseIsFulfilledOnceAndThenADuplicate() {
    var ledger = Ledger(incarnation: 7)
    let lease = ledger.issue(work, version: 5, to: .a, at: .start)
    #expect(lease.version == 5 && lease.work == work && lease.id.incarnation == 7)
    #expect(ledger.settle(lease.id, from: .a) == .fulfilled(lease, since: .start))
    #expect(ledger.settle(lease.id, from: .a) == .duplicate)
    #expect(ledger.settle(lease.id, from: .a) == .duplicate)
  }

  @Test func aReclaimedLeaseStaysStale() {
    var ledger = Ledger(incarnation: 7)
    let lease = ledger.issue(work, version: 0, to: .a, at: .start)
    #expect(ledger.reclaim(from: .a) == [lease])
    #expect(ledger.settle(lease.id, from: .a) == .stale)
    #expect(ledger.reclaim(from: .a).isEmpty)
    let again = ledger.issue(work, version: 0, to: .a, at: .start)
    #expect(again.id != lease.id)
    #expect(ledger.settle(lease.id, from: .a) == .stale)
    #expect(ledger.settle(again.id, from: .a) == .fulfilled(again, since: .start))
  }

  @Test func aLeaseOfAnotherIncarnationIsStale() {
    var ledger = Ledger(incarnation: 7)
    let lease = ledger.issue(work, version: 0, to: .a, at: .start)
    let foreign = LeaseID(incarnation: 6, counter: lease.id.counter)
    #expect(ledger.settle(foreign, from: .a) == .stale)
    #expect(ledger.settle(lease.id, from: .a) == .fulfilled(lease, since: .start))
  }

  @Test func aLeaseThatWasNeverIssuedIsNotGranted() {
    var ledger = Ledger(incarnation: 7)
    let lease = ledger.issue(work, version: 0, to: .a, at: .start)
    for counter in [lease.id.counter + 1, .max] {
      #expect(ledger.settle(LeaseID(incarnation: 7, counter: counter), from: .a) == .notGranted)
    }
  }

  @Test func aLeaseOfAnotherWorkerIsNotGrantedAndStaysOutstanding() {
    var ledger = Ledger(incarnation: 7)
    let lease = ledger.issue(work, version: 0, to: .a, at: .start)
    #expect(ledger.settle(lease.id, from: .b) == .notGranted)
    #expect(ledger.settle(lease.id, from: .a) == .fulfilled(lease, since: .start))
  }

  @Test func leasesAreCountedByHolder() {
    var ledger = Ledger(incarnation: 7)
    let first = ledger.issue(work, version: 0, to: .a, at: .start)
    _ = ledger.issue(work, version: 0, to: .b, at: .start)
    let third = ledger.issue(work, version: 0, to: .a, at: .start)
    #expect(ledger.outstandingCount == 3)
    #expect(ledger.count(heldBy: .a) == 2)
    #expect(ledger.count(heldBy: .c) == 0)
    #expect(ledger.reclaim(from: .a) == [first, third])
    #expect(ledger.outstandingCount == 1)
  }

  /// In a random history, every lease is either fulfilled once or reclaimed.
  @Test(arguments: UInt64(1)...5)
  func everyLeaseIsFulfilledOrReclaimedButNotBoth(seed: UInt64) {
    var random = SplitMix64(state: seed)
    var ledger = Ledger(incarnation: seed)
    let holders: [PeerID] = [.a, .b, .c]
    var issued: [(lease: Lease, holder: PeerID)] = []
    var fulfilled: Set<LeaseID> = []
    var reclaimed: Set<LeaseID> = []
    for _ in 0..<500 {
      let holder = holders[Int(random.next() % 3)]
      switch random.next() % 8 {
      case 0: reclaimed.formUnion(ledger.reclaim(from: holder).map(\.id))
      case 1...3: issued.append((ledger.issue(work, version: 0, to: holder, at: .start), holder))
      default:
        guard let (lease, owner) = issued.randomElement(using: &random) else { continue }
        switch ledger.settle(lease.id, from: holder) {
        case .fulfilled(let found, _):
          #expect(found == lease && owner == holder && !reclaimed.contains(lease.id))
          #expect(fulfilled.insert(lease.id).inserted)
        case .duplicate: #expect(fulfilled.contains(lease.id))
        case .stale: #expect(reclaimed.contains(lease.id))
        case .notGranted: #expect(owner != holder)
        }
      }
    }
    #expect(fulfilled.isDisjoint(with: reclaimed))
    #expect(fulfilled.count + reclaimed.count + ledger.outstandingCount == issued.count)
  }
}
