package import Wire

/// A worker with an active session.
package struct Member: Sendable {
  /// The worker's connection.
  package let peer: PeerID
  /// The worker's display name; not an address and not unique.
  package let name: String
  /// Random number that identifies this incarnation of the worker.
  package let incarnation: UInt64
  /// Time of the last message from the worker.
  package internal(set) var lastReceived: Moment
  /// Time at which the worker's computation last began or made progress.
  package internal(set) var lastProgress: Moment
  /// The progress counter in the worker's last heartbeat.
  package internal(set) var progress: UInt64 = 0
  /// Whether the worker has asked for work.
  package internal(set) var isReady = false
  /// Number of consecutive rejected results.
  package internal(set) var rejections = 0
  /// Number of training leases answered; starts at the count of the slowest member.
  package internal(set) var completed: UInt64 = 0
  /// The verdict on the worker's last push, if it has not been sent yet.
  package internal(set) var verdict: LeaseVerdict?
  /// The version of the weights that were last sent to the worker, if any.
  package internal(set) var weightsVersion: UInt64?
  /// Message numbers of the session in both directions.
  var numbers: SessionNumbers

  init(peer: PeerID, hello: Hello, number: UInt32, at now: Moment) {
    self.peer = peer
    name = hello.name
    incarnation = hello.incarnation
    lastReceived = now
    lastProgress = now
    numbers = SessionNumbers(received: number)
  }
}

/// The members, in the order in which they joined.
package struct Membership: Sendable {
  /// All members, in the order in which they joined.
  package private(set) var members: [Member] = []

  /// Creates an empty membership.
  package init() {}

  /// Number of members.
  package var count: Int { members.count }

  /// The member with connection `peer`, if there is one.
  package subscript(peer: PeerID) -> Member? {
    members.first { $0.peer == peer }
  }

  /// Returns the member with this name and incarnation, on any connection.
  package func member(named name: String, incarnation: UInt64) -> Member? {
    members.first { $0.name == name && $0.incarnation == incarnation }
  }

  /// Appends a member.
  mutating func add(_ member: Member) {
    members.append(member)
  }

  /// Removes and returns the member with connection `peer`.
  mutating func remove(_ peer: PeerID) -> Member? {
    guard let index = members.firstIndex(where: { $0.peer == peer }) else { return nil }
    return members.remove(at: index)
  }

  /// Changes the member with connection `peer`; does nothing if there is none.
  mutating func update(_ peer: PeerID, _ change: (inout Member) -> Void) {
    guard let index = members.firstIndex(where: { $0.peer == peer }) else { return }
    change(&members[index])
  }

  /// The smallest number of training leases answered by any member that has asked for work.
  package var leastCompleted: UInt64? {
    members.lazy.filter(\.isReady).map(\.completed).min()
  }

  /// Returns the members from which no message has arrived for longer than `silence`.
  package func silent(for silence: Duration, at now: Moment) -> [Member] {
    members.filter { now.since($0.lastReceived) > silence }
  }
}
