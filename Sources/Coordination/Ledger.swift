package import Wire

/// The outstanding leases with their holders and issue times; it ensures that each lease is
/// fulfilled at most once.
///
/// A lease is issued under an id that is never reused. Several workers may hold it, each with the
/// weights it was sent: the first valid result fulfils the lease.
package struct Ledger: Sendable {
  /// The ledger's classification of a pushed result.
  package enum Settlement: Equatable, Sendable {
    /// The worker held the lease, which is now fulfilled; `since` is the time of the grant.
    case fulfilled(Lease, since: Moment)
    /// The lease was already fulfilled.
    case duplicate
    /// The lease was reclaimed, or was granted by another incarnation of the server.
    case stale
    /// The lease does not exist, or is held by other workers only.
    case notGranted
  }

  private struct Holding {
    let holder: PeerID
    let version: UInt64
    let since: Moment
  }

  private struct Entry {
    let work: Work
    var holdings: [Holding]
  }

  /// Maximum number of reclaimed leases that are remembered. A late push for one of them is
  /// classified as `stale`, for an older one as `duplicate`; neither is applied.
  static let reclaimedLimit = 4096

  /// Random number that identifies this incarnation of the server.
  package let incarnation: UInt64
  private var issued: UInt64 = 0
  private var outstanding: [LeaseID: Entry] = [:]
  /// Leases granted to each worker that it has not answered, even if others have fulfilled them.
  private var unanswered: [PeerID: Set<LeaseID>] = [:]
  private var reclaimed: Set<LeaseID> = []

  /// Creates an empty ledger for one incarnation of the server.
  package init(incarnation: UInt64) {
    self.incarnation = incarnation
  }

  /// Number of leases that are not fulfilled.
  package var outstandingCount: Int { outstanding.count }

  /// Number of workers with unanswered leases, for checks that the ledger's size stays bounded.
  package var holderCount: Int { unanswered.count }
  /// Number of reclaimed leases that are remembered, for the same checks.
  package var reclaimedCount: Int { reclaimed.count }

  /// Returns the number of leases that `holder` has not answered.
  package func count(heldBy holder: PeerID) -> Int { unanswered[holder]?.count ?? 0 }

  /// Issues a new lease of `work` to `holder`.
  package mutating func issue(
    _ work: Work, version: UInt64, to holder: PeerID, at now: Moment
  ) -> Lease {
    let id = LeaseID(incarnation: incarnation, counter: issued)
    issued += 1
    let holding = Holding(holder: holder, version: version, since: now)
    outstanding[id] = Entry(work: work, holdings: [holding])
    unanswered[holder, default: []].insert(id)
    return Lease(id: id, version: version, work: work)
  }

  /// Copies the oldest late lease that `holder` does not hold; returns nil if there is none.
  ///
  /// - Parameter allowance: the time after its last grant at which work becomes late.
  package mutating func copyLate(
    version: UInt64, to holder: PeerID, at now: Moment, allowance: (Work) -> Duration
  ) -> Lease? {
    let late = outstanding.filter { _, entry in
      !entry.holdings.contains { $0.holder == holder }
        && now >= dueTime(entry, allowance: allowance)
    }
    guard let (id, entry) = late.min(by: { $0.key < $1.key }) else { return nil }
    let holding = Holding(holder: holder, version: version, since: now)
    outstanding[id]?.holdings.append(holding)
    unanswered[holder, default: []].insert(id)
    return Lease(id: id, version: version, work: entry.work)
  }

  /// Returns the next time at which a lease becomes late that one of the `idle` workers does not
  /// hold, or nil if there is no such lease.
  package func nextLate(for idle: [PeerID], allowance: (Work) -> Duration) -> Moment? {
    outstanding.values
      .filter { entry in
        idle.contains { peer in !entry.holdings.contains { $0.holder == peer } }
      }
      .map { dueTime($0, allowance: allowance) }.min()
  }

  private func dueTime(_ entry: Entry, allowance: (Work) -> Duration) -> Moment {
    let last = entry.holdings.map(\.since).max() ?? Moment(nanoseconds: 0)
    return last.advanced(by: allowance(entry.work))
  }

  /// Settles the lease that `holder` pushed a result for, if it holds that lease.
  package mutating func settle(_ id: LeaseID, from holder: PeerID) -> Settlement {
    guard id.incarnation == incarnation, !reclaimed.contains(id) else { return .stale }
    guard id.counter < issued else { return .notGranted }
    let wasHeld = unanswered[holder]?.remove(id) != nil
    guard let entry = outstanding[id] else { return .duplicate }
    guard wasHeld, let holding = entry.holdings.first(where: { $0.holder == holder }) else {
      return .notGranted
    }
    outstanding[id] = nil
    return .fulfilled(
      Lease(id: id, version: holding.version, work: entry.work), since: holding.since)
  }

  /// Reclaims all leases of `holder`, and returns those without another holder, oldest first.
  package mutating func reclaim(from holder: PeerID) -> [Lease] {
    var leases: [Lease] = []
    for id in (unanswered.removeValue(forKey: holder) ?? []).sorted() {
      guard var entry = outstanding[id] else { continue }
      let removed = entry.holdings.filter { $0.holder == holder }
      entry.holdings.removeAll { $0.holder == holder }
      outstanding[id] = entry.holdings.isEmpty ? nil : entry
      guard entry.holdings.isEmpty, let holding = removed.last else { continue }
      recordReclaimed(id)
      leases.append(Lease(id: id, version: holding.version, work: entry.work))
    }
    return leases
  }

  private mutating func recordReclaimed(_ id: LeaseID) {
    reclaimed.insert(id)
    guard reclaimed.count > Self.reclaimedLimit else { return }
    reclaimed = Set(reclaimed.sorted().suffix(Self.reclaimedLimit / 2))
  }
}
