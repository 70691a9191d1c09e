package import Wire

/// The outstanding leases with their holders and issue times; it ensures that each lease is
/// fulfilled at most once.
///
/// A lease is issued under an id that is never reused. Several workers may hold it, each with the
/// weights it was sent: the first accepted result fulfils the lease.
package struct Ledger: Sendable {
  /// The ledger's classification of a pushed result.
  package enum Settlement: Equatable, Sendable {
    /// The worker holds the lease, which is not fulfilled; `since` is the time of the grant.
    case live(Lease, since: Moment)
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

  /// A lease that a worker has not answered.
  package struct Unanswered: Sendable {
    /// The lease.
    let id: LeaseID
    /// The work of the lease.
    let work: Work
    /// The time of the grant.
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
  private var unanswered: [PeerID: [Unanswered]] = [:]
  private var reclaimed: Set<LeaseID> = []
  private var reclaimedOrder = Queue<LeaseID>()
  /// Times at which outstanding leases become late.
  private var dueTimes = Deadlines<LeaseID>()
  /// Late leases, the oldest first; may contain leases that are no longer outstanding.
  private var late = Heap<LeaseID>()
  private var isLate: Set<LeaseID> = []

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

  // MARK: Issuing

  /// Issues a new lease of `work` to `holder`.
  ///
  /// - Parameter due: the time at which the lease becomes late.
  package mutating func issue(
    _ work: Work, version: UInt64, to holder: PeerID, at now: Moment, due: Moment
  ) -> Lease {
    let id = LeaseID(incarnation: incarnation, counter: issued)
    issued += 1
    outstanding[id] = Entry(work: work, holdings: [])
    hold(id, by: holder, version: version, at: now, due: due)
    return Lease(id: id, version: version, work: work)
  }

  /// Records that `holder` holds a copy of an outstanding lease, which it computes with the weights
  /// of `version`, and returns the copy.
  ///
  /// - Parameter due: the time at which the lease becomes late again.
  package mutating func copy(
    _ lease: Lease, version: UInt64, to holder: PeerID, at now: Moment, due: Moment
  ) -> Lease {
    hold(lease.id, by: holder, version: version, at: now, due: due)
    return Lease(id: lease.id, version: version, work: lease.work)
  }

  private mutating func hold(
    _ id: LeaseID, by holder: PeerID, version: UInt64, at now: Moment, due: Moment
  ) {
    guard let work = outstanding[id]?.work else { return }
    outstanding[id]?.holdings.append(Holding(holder: holder, version: version, since: now))
    unanswered[holder, default: []].append(Unanswered(id: id, work: work, since: now))
    isLate.remove(id)
    dueTimes.set(id, at: due)
  }

  // MARK: Late leases

  /// The next time at which a lease becomes late; nil if there is none.
  package var nextDue: Moment? { dueTimes.next }

  /// Marks the leases that are due as late.
  package mutating func collectLate(at now: Moment) {
    while let id = dueTimes.popDue(at: now) {
      guard outstanding[id] != nil, isLate.insert(id).inserted else { continue }
      late.insert(id)
    }
  }

  /// The oldest late lease; nil if there is none.
  package mutating func oldestLate() -> Lease? {
    while let id = late.first {
      if isLate.contains(id), let lease = lease(id) { return lease }
      _ = late.popFirst()
    }
    return nil
  }

  /// Regards a lease as not late, until it is copied and late again.
  package mutating func acceptDelay(of id: LeaseID) { isLate.remove(id) }

  /// The oldest outstanding lease that `holder` does not hold; takes time proportional to the
  /// number of leases.
  package func oldest(notHeldBy holder: PeerID) -> Lease? {
    outstanding.keys.lazy.filter { !isHeld($0, by: holder) }.min().flatMap(lease)
  }

  /// Returns an outstanding lease as its last holder has it.
  private func lease(_ id: LeaseID) -> Lease? {
    guard let entry = outstanding[id], let last = entry.holdings.last else { return nil }
    return Lease(id: id, version: last.version, work: entry.work)
  }

  /// The holders of an outstanding lease.
  package func holders(of id: LeaseID) -> [PeerID] {
    outstanding[id]?.holdings.map(\.holder) ?? []
  }

  /// Returns whether `holder` holds an outstanding lease.
  package func isHeld(_ id: LeaseID, by holder: PeerID) -> Bool {
    outstanding[id]?.holdings.contains { $0.holder == holder } ?? false
  }

  // MARK: Settling

  /// Classifies a result for lease `id` that `holder` pushes.
  package func settlement(_ id: LeaseID, from holder: PeerID) -> Settlement {
    guard id.incarnation == incarnation, !reclaimed.contains(id) else { return .stale }
    guard id.counter < issued else { return .notGranted }
    guard let entry = outstanding[id] else { return .duplicate }
    guard let holding = entry.holdings.first(where: { $0.holder == holder }) else {
      return .notGranted
    }
    return .live(
      Lease(id: id, version: holding.version, work: entry.work), since: holding.since)
  }

  /// Records that `holder` has answered a lease, whatever its state.
  ///
  /// - Returns: the lease, or nil if it was not granted to this worker.
  package mutating func answer(_ id: LeaseID, by holder: PeerID) -> Unanswered? {
    guard let index = unanswered[holder]?.firstIndex(where: { $0.id == id }) else { return nil }
    defer { if unanswered[holder]?.isEmpty == true { unanswered[holder] = nil } }
    return unanswered[holder]?.remove(at: index)
  }

  /// Fulfils or withdraws a lease: further results for it are duplicates.
  package mutating func fulfil(_ id: LeaseID) {
    outstanding[id] = nil
    dueTimes.remove(id)
    isLate.remove(id)
  }

  /// Removes a holder whose result for a lease is not accepted.
  ///
  /// - Returns: whether no other worker holds the lease, which is then withdrawn.
  package mutating func release(_ id: LeaseID, from holder: PeerID) -> Bool {
    guard outstanding[id] != nil else { return false }
    outstanding[id]?.holdings.removeAll { $0.holder == holder }
    guard outstanding[id]?.holdings.isEmpty == true else { return false }
    fulfil(id)
    return true
  }

  /// Reclaims all leases of `holder`, and returns those without another holder, oldest first.
  package mutating func reclaim(from holder: PeerID) -> [Lease] {
    var leases: [Lease] = []
    for id in (unanswered.removeValue(forKey: holder) ?? []).map(\.id).sorted() {
      guard let lease = lease(id), release(id, from: holder) else { continue }
      recordReclaimed(id)
      leases.append(lease)
    }
    return leases
  }

  private mutating func recordReclaimed(_ id: LeaseID) {
    reclaimed.insert(id)
    reclaimedOrder.append(id)
    guard reclaimed.count > Self.reclaimedLimit, let oldest = reclaimedOrder.popFirst() else {
      return
    }
    reclaimed.remove(oldest)
  }
}
