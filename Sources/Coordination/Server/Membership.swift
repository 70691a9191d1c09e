import Wire

/// The members, found by connection or by incarnation in constant time.
package struct Membership: Sendable {
  private var byPeer: [PeerID: Member] = [:]
  private var byIncarnation: [WorkerIncarnation: PeerID] = [:]
  private var names: Set<String> = []
  private var joined: UInt64 = 0
  /// Number of members that have asked for work.
  private(set) var readyCount = 0

  /// Creates an empty membership.
  package init() {}

  /// Number of members.
  package var count: Int { byPeer.count }

  /// All members, in the order in which they joined; takes time proportional to their number.
  package var members: [Member] { byPeer.values.sorted { $0.order < $1.order } }

  /// The member with connection `peer`, if there is one.
  package subscript(peer: PeerID) -> Member? { byPeer[peer] }

  /// Returns the member with this name and incarnation, on any connection.
  package func member(named name: String, incarnation: UInt64) -> Member? {
    byIncarnation[WorkerIncarnation(name: name, incarnation: incarnation)].flatMap { byPeer[$0] }
  }

  /// Adds a member.
  ///
  /// - Precondition: no member has its connection or incarnation.
  /// - Returns: its display name.
  mutating func add(
    _ hello: Hello, of credential: Credential?, peer: PeerID, channel: Channel, width: Int,
    at now: Moment
  ) -> String {
    let name = unusedName(hello.name)
    names.insert(name)
    byPeer[peer] = Member(
      peer: peer, name: name, hello: hello, credential: credential, order: joined,
      channel: channel, width: width, at: now)
    byIncarnation[WorkerIncarnation(hello)] = peer
    joined += 1
    return name
  }

  /// Returns a name that no member has, with a number if necessary.
  private func unusedName(_ name: String) -> String {
    guard names.contains(name) else { return name }
    let short = (2...16).lazy.map { "\(name)#\($0)" }.first { !names.contains($0) }
    return short ?? "\(name)#\(joined + 1)"
  }

  /// Removes and returns the member with connection `peer`.
  mutating func remove(_ peer: PeerID) -> Member? {
    guard let member = byPeer.removeValue(forKey: peer) else { return nil }
    byIncarnation[WorkerIncarnation(member)] = nil
    names.remove(member.name)
    if member.isReady { readyCount -= 1 }
    return member
  }

  /// Changes the member with connection `peer`, in place; does nothing if there is none.
  ///
  /// - Returns: the value that `change` returns.
  @discardableResult
  mutating func update<Value>(_ peer: PeerID, _ change: (inout Member) -> Value) -> Value? {
    guard let index = byPeer.index(forKey: peer) else { return nil }
    return change(&byPeer.values[index])
  }

  /// Records that a member has asked for work; returns false if it had done so before.
  mutating func markReady(_ peer: PeerID) -> Bool {
    let isNew =
      update(peer) { member in
        defer { member.isReady = true }
        return !member.isReady
      } ?? false
    if isNew { readyCount += 1 }
    return isNew
  }
}
