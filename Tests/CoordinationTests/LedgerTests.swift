import TestSupport
import Testing
import Wire

@testable import Coordination

@Suite struct LedgerTests {
  private let work = Work.train(batch: 3, slices: 0..<2)

  @Test func aLeaseIsFulfilledOnceAndThenADuplicate() {
    var ledger = Ledger(incarnation: 7)
    let lease = ledger.issue(work, version: 5, to: .a, at: .start, due: .never)
    #expect(lease.version == 5 && lease.work == work && lease.id.incarnation == 7)
    #expect(ledger.settlement(lease.id, from: .a) == .live(lease, since: .start))
    ledger.fulfil(lease.id)
    #expect(ledger.settlement(lease.id, from: .a) == .duplicate)
    #expect(ledger.settlement(lease.id, from: .a) == .duplicate)
  }

  @Test func aReclaimedLeaseStaysStale() {
    var ledger = Ledger(incarnation: 7)
    let lease = ledger.issue(work, version: 0, to: .a, at: .start, due: .never)
    #expect(ledger.reclaim(from: .a) == [lease])
    #expect(ledger.settlement(lease.id, from: .a) == .stale)
    #expect(ledger.reclaim(from: .a).isEmpty)
    let again = ledger.issue(work, version: 0, to: .a, at: .start, due: .never)
    #expect(again.id != lease.id)
    #expect(ledger.settlement(lease.id, from: .a) == .stale)
    #expect(ledger.settlement(again.id, from: .a) == .live(again, since: .start))
  }

  @Test func aLeaseOfAnotherIncarnationIsStale() {
    var ledger = Ledger(incarnation: 7)
    let lease = ledger.issue(work, version: 0, to: .a, at: .start, due: .never)
    let foreign = LeaseID(incarnation: 6, counter: lease.id.counter)
    #expect(ledger.settlement(foreign, from: .a) == .stale)
    #expect(ledger.settlement(lease.id, from: .a) == .live(lease, since: .start))
  }

  @Test func aLeaseThatWasNeverIssuedIsNotGranted() {
    var ledger = Ledger(incarnation: 7)
    let lease = ledger.issue(work, version: 0, to: .a, at: .start, due: .never)
    for counter in [lease.id.counter + 1, .max] {
      #expect(ledger.settlement(LeaseID(incarnation: 7, counter: counter), from: .a) == .notGranted)
    }
  }

  @Test func aLeaseOfAnotherWorkerIsNotGrantedAndStaysOutstanding() {
    var ledger = Ledger(incarnation: 7)
    let lease = ledger.issue(work, version: 0, to: .a, at: .start, due: .never)
    #expect(ledger.settlement(lease.id, from: .b) == .notGranted)
    #expect(ledger.settlement(lease.id, from: .a) == .live(lease, since: .start))
  }

  @Test func leasesAreCountedByHolder() {
    var ledger = Ledger(incarnation: 7)
    let first = ledger.issue(work, version: 0, to: .a, at: .start, due: .never)
    _ = ledger.issue(work, version: 0, to: .b, at: .start, due: .never)
    let third = ledger.issue(work, version: 0, to: .a, at: .start, due: .never)
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
      case 1...3:
        issued.append((ledger.issue(work, version: 0, to: holder, at: .start, due: .never), holder))
      default:
        guard let (lease, owner) = issued.randomElement(using: &random) else { continue }
        switch ledger.settlement(lease.id, from: holder) {
        case .live(let found, _):
          ledger.fulfil(lease.id)
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

  /// A result that is not accepted leaves the lease to its other holders.
  @Test func aReleasedLeaseStaysWithItsOtherHolders() {
    var ledger = Ledger(incarnation: 7)
    let lease = ledger.issue(work, version: 1, to: .a, at: .start, due: .seconds(1))
    _ = ledger.copy(lease, version: 2, to: .b, at: .seconds(1), due: .seconds(2))
    let answered = ledger.answer(lease.id, by: .a)
    #expect(answered?.id == lease.id)
    var isWithdrawn = ledger.release(lease.id, from: .a)
    #expect(!isWithdrawn)
    #expect(ledger.settlement(lease.id, from: .a) == .notGranted)
    let copy = Lease(id: lease.id, version: 2, work: work)
    #expect(ledger.settlement(lease.id, from: .b) == .live(copy, since: .seconds(1)))
    isWithdrawn = ledger.release(lease.id, from: .b)
    #expect(isWithdrawn && ledger.outstandingCount == 0)
  }
}
