package import Wire

/// Which leases are out, with whom, and since when: the book that makes "exactly once" true.
///
/// A lease is issued under an id that is never used again, and fulfilled at most once. More than
/// one worker may hold it, each with the weights it was given: the first result counts.
package struct Ledger: Sendable {
  /// What a push for a lease means.
  package enum Settlement: Equatable, Sendable {
    /// The lease was out with this worker; it is fulfilled now. It was granted at this moment.
    case fulfilled(Lease, since: Moment)
    /// It has been fulfilled before.
    case duplicate
    /// It was taken back, or another incarnation of the server granted it.
    case stale
    /// Nobody, or somebody else, was granted this lease.
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

  /// Leases taken back that are remembered, so that a late push is told `stale`; of older ones it
  /// is told `duplicate`, which leaves the weights alone as well.
  static let memory = 4096

  /// Number that tells this run of the server from every other.
  package let incarnation: UInt64
  private var issued: UInt64 = 0
  private var outstanding: [LeaseID: Entry] = [:]
  /// What each worker was given and has not answered, whoever fulfilled it meanwhile.
  private var owed: [PeerID: Set<LeaseID>] = [:]
  private var reclaimed: Set<LeaseID> = []

  /// An empty ledger of one incarnation of the server.
  package init(incarnation: UInt64) {
    self.incarnation = incarnation
  }

  /// Number of leases that are not fulfilled.
  package var outstandingCount: Int { outstanding.count }

  /// Number of workers that the ledger knows, and of leases taken back that it remembers: for those
  /// who watch that the book does not grow for ever.
  package var holderCount: Int { owed.count }
  /// See ``holderCount``.
  package var rememberedCount: Int { reclaimed.count }

  /// Number of leases that `holder` has not answered.
  package func count(heldBy holder: PeerID) -> Int { owed[holder]?.count ?? 0 }

  /// A new lease of `work` for `holder`.
  package mutating func issue(
    _ work: Work, version: UInt64, to holder: PeerID, at now: Moment
  ) -> Lease {
    let id = LeaseID(incarnation: incarnation, counter: issued)
    issued += 1
    let holding = Holding(holder: holder, version: version, since: now)
    outstanding[id] = Entry(work: work, holdings: [holding])
    owed[holder, default: []].insert(id)
    return Lease(id: id, version: version, work: work)
  }

  /// The oldest lease that is late and that `holder` does not have: a copy of it for `holder`.
  ///
  /// - Parameter allowance: the time after which work is late, counted from its last grant.
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
    owed[holder, default: []].insert(id)
    return Lease(id: id, version: version, work: entry.work)
  }

  /// When the first of the leases that one of `idle` does not have becomes late; nil if none does.
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

  /// Settles the lease that `holder` pushed a result for, if it is out with that holder.
  package mutating func settle(_ id: LeaseID, from holder: PeerID) -> Settlement {
    guard id.incarnation == incarnation, !reclaimed.contains(id) else { return .stale }
    guard id.counter < issued else { return .notGranted }
    let isOwed = owed[holder]?.remove(id) != nil
    guard let entry = outstanding[id] else { return .duplicate }
    guard isOwed, let holding = entry.holdings.first(where: { $0.holder == holder }) else {
      return .notGranted
    }
    outstanding[id] = nil
    return .fulfilled(
      Lease(id: id, version: holding.version, work: entry.work), since: holding.since)
  }

  /// Takes back every lease of a holder that is gone, and returns those that nobody else holds,
  /// oldest first.
  package mutating func reclaim(from holder: PeerID) -> [Lease] {
    var leases: [Lease] = []
    for id in (owed.removeValue(forKey: holder) ?? []).sorted() {
      guard var entry = outstanding[id] else { continue }
      let given = entry.holdings.filter { $0.holder == holder }
      entry.holdings.removeAll { $0.holder == holder }
      outstanding[id] = entry.holdings.isEmpty ? nil : entry
      guard entry.holdings.isEmpty, let holding = given.last else { continue }
      remember(id)
      leases.append(Lease(id: id, version: holding.version, work: entry.work))
    }
    return leases
  }

  private mutating func remember(_ id: LeaseID) {
    reclaimed.insert(id)
    guard reclaimed.count > Self.memory else { return }
    reclaimed = Set(reclaimed.sorted().suffix(Self.memory / 2))
  }
}
