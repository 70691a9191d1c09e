package import Wire

/// One worker that the server has welcomed.
package struct Member: Sendable {
  /// Where it is reached.
  package let peer: PeerID
  /// The name it gave itself; for people, not for addressing.
  package let name: String
  /// The number that tells this run of the worker from every other.
  package let incarnation: UInt64
  /// When something last came from it.
  package internal(set) var lastHeard: Moment
  /// When its computation last was seen to move, or to begin.
  package internal(set) var lastProgress: Moment
  /// The progress that its last heartbeat told.
  package internal(set) var progress: UInt64 = 0
  /// Whether it has asked for work.
  package internal(set) var isReady = false
  /// Its results in a row that were rejected.
  package internal(set) var rejections = 0
  /// The training leases it has answered; a newcomer begins with as many as the slowest.
  package internal(set) var completed: UInt64 = 0
  /// The verdict on its last push, if it is still to be told.
  package internal(set) var verdict: LeaseVerdict?
  /// The version of the weights it was last sent, if any.
  package internal(set) var weightsVersion: UInt64?
  /// The numbers of the two sides' messages.
  var numbers: SessionNumbers

  init(peer: PeerID, hello: Hello, number: UInt32, at now: Moment) {
    self.peer = peer
    name = hello.name
    incarnation = hello.incarnation
    lastHeard = now
    lastProgress = now
    numbers = SessionNumbers(received: number)
  }
}

/// The workers there are, in the order in which they joined.
package struct Membership: Sendable {
  /// All members, first to join first.
  package private(set) var members: [Member] = []

  /// No members.
  package init() {}

  /// Number of members.
  package var count: Int { members.count }

  /// The member behind `peer`, if the server knows it.
  package subscript(peer: PeerID) -> Member? {
    members.first { $0.peer == peer }
  }

  /// The member that runs under this name and incarnation, on whatever connection.
  package func member(named name: String, incarnation: UInt64) -> Member? {
    members.first { $0.name == name && $0.incarnation == incarnation }
  }

  /// Adds a member at the end of the line.
  mutating func join(_ member: Member) {
    members.append(member)
  }

  /// Removes and returns the member behind `peer`.
  mutating func leave(_ peer: PeerID) -> Member? {
    guard let index = members.firstIndex(where: { $0.peer == peer }) else { return nil }
    return members.remove(at: index)
  }

  /// Changes the member behind `peer`; nothing happens if there is none.
  mutating func update(_ peer: PeerID, _ change: (inout Member) -> Void) {
    guard let index = members.firstIndex(where: { $0.peer == peer }) else { return }
    change(&members[index])
  }

  /// The fewest training leases that one of the members at work has answered.
  package var leastCompleted: UInt64? {
    members.lazy.filter(\.isReady).map(\.completed).min()
  }

  /// The members from which nothing has come for longer than `silence`.
  package func silent(for silence: Duration, at now: Moment) -> [Member] {
    members.filter { now.since($0.lastHeard) > silence }
  }
}
