import Wire

/// The members that could take leases, in the order in which they became free.
///
/// Every operation takes constant time, amortized; a member that is removed leaves an entry that is
/// skipped later.
struct Availability: Sendable {
  private struct Place: Sendable {
    let peer: PeerID
    let ticket: UInt64
  }

  private var order = Queue<Place>()
  private var tickets: [PeerID: UInt64] = [:]
  private var issued: UInt64 = 0

  /// Creates an empty list.
  init() {}

  /// Whether no member is available.
  var isEmpty: Bool { tickets.isEmpty }

  /// The number of available members.
  var count: Int { tickets.count }

  /// Returns whether a member is available.
  func contains(_ peer: PeerID) -> Bool { tickets[peer] != nil }

  /// Appends a member, unless it is in the list.
  mutating func append(_ peer: PeerID) {
    guard tickets[peer] == nil else { return }
    tickets[peer] = issued
    order.append(Place(peer: peer, ticket: issued))
    issued += 1
    if order.count > 2 * tickets.count + 32 { removeSkipped() }
  }

  /// Removes a member.
  mutating func remove(_ peer: PeerID) { tickets[peer] = nil }

  /// Removes and returns the member that has been available for the longest time.
  mutating func popFirst() -> PeerID? {
    while let place = order.popFirst() {
      guard tickets[place.peer] == place.ticket else { continue }
      tickets[place.peer] = nil
      return place.peer
    }
    return nil
  }

  /// Removes and returns the first member that satisfies `condition`; takes time proportional to
  /// the number of members before it.
  mutating func popFirst(where condition: (PeerID) -> Bool) -> PeerID? {
    let found = order.elementsInOrder.first {
      tickets[$0.peer] == $0.ticket && condition($0.peer)
    }
    guard let found else { return nil }
    tickets[found.peer] = nil
    return found.peer
  }

  private mutating func removeSkipped() {
    let live = order.elementsInOrder.filter { tickets[$0.peer] == $0.ticket }
    order.removeAll()
    for place in live { order.append(place) }
  }
}
