public import Wire

/// Which leases are out, and with whom: the book that makes "exactly once" true.
///
/// A lease is issued once under an id that is never used again, and settled at most once.
public struct Ledger: Sendable {
  /// What a push for a lease means.
  public enum Settlement: Equatable, Sendable {
    /// The lease was out with this worker; it is settled now.
    case fulfilled(Lease)
    /// It has been fulfilled before.
    case duplicate
    /// It was taken back, or another incarnation of the server granted it.
    case stale
    /// Nobody, or somebody else, was granted this lease.
    case notGranted
  }

  private struct Entry {
    let lease: Lease
    let holder: PeerID
  }

  /// Number that tells this run of the server from every other.
  public let incarnation: UInt64
  private var issued: UInt64 = 0
  private var outstanding: [LeaseID: Entry] = [:]
  private var reclaimed: Set<LeaseID> = []

  /// An empty ledger of one incarnation of the server.
  public init(incarnation: UInt64) {
    self.incarnation = incarnation
  }

  /// Number of leases out.
  public var outstandingCount: Int { outstanding.count }

  /// Number of leases out with `holder`.
  public func count(heldBy holder: PeerID) -> Int {
    outstanding.values.reduce(0) { $0 + ($1.holder == holder ? 1 : 0) }
  }

  /// A new lease of `work` for `holder`.
  public mutating func issue(_ work: Work, version: UInt64, to holder: PeerID) -> Lease {
    let id = LeaseID(incarnation: incarnation, counter: issued)
    issued += 1
    let lease = Lease(id: id, version: version, work: work)
    outstanding[id] = Entry(lease: lease, holder: holder)
    return lease
  }

  /// Settles the lease that `holder` pushed a result for, if it is out with that holder.
  public mutating func settle(_ id: LeaseID, from holder: PeerID) -> Settlement {
    guard id.incarnation == incarnation, !reclaimed.contains(id) else { return .stale }
    guard id.counter < issued else { return .notGranted }
    guard let entry = outstanding[id] else { return .duplicate }
    guard entry.holder == holder else { return .notGranted }
    outstanding[id] = nil
    return .fulfilled(entry.lease)
  }

  /// Takes back every lease of a holder that is gone, oldest first.
  public mutating func reclaim(from holder: PeerID) -> [Lease] {
    let leases = outstanding.values.filter { $0.holder == holder }.map(\.lease)
    for lease in leases {
      outstanding[lease.id] = nil
      reclaimed.insert(lease.id)
    }
    return leases.sorted { $0.id.counter < $1.id.counter }
  }
}
