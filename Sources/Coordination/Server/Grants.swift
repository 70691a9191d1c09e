import Wire

/// The leases, the members that could take further ones, and the estimates of their speed.
struct Grants: Sendable {
  /// A member that waits for slower ones, in mode `bounded`.
  private struct Waiting: Comparable, Sendable {
    let completed: UInt64
    let order: UInt64
    let peer: PeerID

    static func < (left: Waiting, right: Waiting) -> Bool {
      (left.completed, left.order) < (right.completed, right.order)
    }
  }

  /// A slow worker computes a copy of a lease of another worker this often, to be judged again.
  static let trialInterval = Duration.seconds(10)

  /// The outstanding leases.
  var ledger: Ledger
  /// The members that could take new work.
  var idle = Availability()
  /// The members that are too far ahead of the slowest one; they may take copies of late leases.
  private(set) var ahead = Availability()
  /// The members that are slow and get copies only.
  private(set) var slow = Availability()
  /// The duration of leases.
  private(set) var pace = Pace()
  /// The members whose verdict is sent with their next leases.
  var deferredVerdicts = Queue<PeerID>()
  /// The members whose verdict is sent in this event.
  var promptVerdicts = Queue<PeerID>()
  /// The next time at which a lease becomes late that an idle member could copy.
  private(set) var nextTick: Moment?

  private var aheadOrder = Heap<Waiting>()
  private var completed = CompletedCounts()
  private let bound: UInt64
  /// The slow members, each with its number of completed leases, which is not in ``completed``.
  private var slowMembers: [PeerID: UInt64] = [:]
  /// The members that compute a lease whose work is done; their counts are not in ``completed``.
  private var overtaken: Set<PeerID> = []
  private var readyCount = 0
  private var trials = Deadlines<PeerID>()

  /// Creates the grants of a server without members.
  ///
  /// - Parameter bound: the batches that a member may be ahead of the slowest one.
  init(incarnation: UInt64, bound: UInt64) {
    ledger = Ledger(incarnation: incarnation)
    self.bound = bound
  }

  /// The smallest number of training leases answered by any member that has asked for work, is not
  /// slow, and does not compute a lease that another member has answered.
  var leastCompleted: UInt64? { completed.least }

  /// Whether a member is slow.
  func isSlow(_ peer: PeerID) -> Bool { slowMembers[peer] != nil }

  // MARK: Members

  /// Adds a member that asks for work for the first time.
  mutating func enter(_ peer: PeerID, completed count: UInt64) {
    readyCount += 1
    completed.insert(count)
    idle.append(peer)
  }

  /// Removes a member.
  mutating func leave(_ peer: PeerID, member: Member) {
    idle.remove(peer)
    ahead.remove(peer)
    slow.remove(peer)
    trials.remove(peer)
    guard member.isReady else { return }
    readyCount -= 1
    // A member is slow, overtaken, or counted.
    if slowMembers.removeValue(forKey: peer) == nil, overtaken.remove(peer) == nil {
      completed.remove(member.completed)
    }
    releaseAhead()
    judgeAgain()
  }

  /// Makes all members available: another stage has begun.
  mutating func releaseAll() {
    while let peer = ahead.popFirst() { idle.append(peer) }
    while let peer = slow.popFirst() { idle.append(peer) }
    aheadOrder = Heap()
  }

  // MARK: Lead

  /// Counts a training lease of a member as answered.
  mutating func answered(_ member: inout Member) {
    rejoin(&member)
    let before = member.completed
    member.completed += 1
    if slowMembers[member.peer] != nil {
      slowMembers[member.peer] = member.completed
      return
    }
    completed.replace(before, with: member.completed)
    releaseAhead()
  }

  /// Counts a training lease of a member as answered that another member has answered. The others
  /// do not wait for the member until it answers, too: its result will not be applied.
  mutating func overtake(_ member: inout Member) {
    answered(&member)
    guard slowMembers[member.peer] == nil, overtaken.insert(member.peer).inserted else { return }
    completed.remove(member.completed)
    releaseAhead()
  }

  /// Lets the others wait again for a member that was overtaken and has answered: it continues with
  /// the slowest of them.
  mutating func rejoin(_ member: inout Member) {
    guard overtaken.remove(member.peer) != nil else { return }
    member.completed = max(member.completed, completed.least ?? 0)
    completed.insert(member.completed)
  }

  /// Sets a member aside that is too far ahead of the slowest one.
  ///
  /// - Returns: false if it is not.
  mutating func setAside(_ member: Member) -> Bool {
    guard let least = completed.least, member.completed > least + bound else { return false }
    ahead.append(member.peer)
    aheadOrder.insert(
      Waiting(completed: member.completed, order: member.order, peer: member.peer))
    return true
  }

  /// Makes the members available that are no longer too far ahead.
  private mutating func releaseAhead() {
    guard let least = completed.least else { return releaseAll() }
    while let first = aheadOrder.first, first.completed <= least + bound {
      _ = aheadOrder.popFirst()
      guard ahead.contains(first.peer) else { continue }
      ahead.remove(first.peer)
      idle.append(first.peer)
    }
  }

  /// Removes and returns a free member that satisfies `condition` for a copy of a lease: an idle
  /// one, or one that is too far ahead for new work.
  mutating func takeSubstitute(where condition: (PeerID) -> Bool) -> PeerID? {
    idle.popFirst(where: condition) ?? ahead.popFirst(where: condition)
  }

  /// Removes and returns a free member that satisfies `condition`, whatever it is free for: others
  /// may wait for the work.
  mutating func takeFree(where condition: (PeerID) -> Bool) -> PeerID? {
    idle.popFirst(where: condition) ?? ahead.popFirst(where: condition)
      ?? slow.popFirst(where: condition)
  }

  // MARK: Speed

  /// Records the duration of a lease that a member has answered.
  mutating func record(
    _ lease: Ledger.Unanswered, of member: inout Member, computed: Duration, samples: UInt64,
    at now: Moment
  ) {
    let elapsed = now.since(lease.since)
    pace.record(lease.work, samples: samples, elapsed: elapsed, computed: computed)
    switch lease.work {
    case .train:
      member.training.record(
        elapsed: elapsed, computed: min(computed, elapsed), samples: samples)
    case .evaluate:
      member.evaluation.record(
        elapsed: elapsed, computed: min(computed, elapsed), samples: samples)
    }
  }

  /// Judges whether a member is slow, by its estimate for a whole batch.
  ///
  /// - Returns: whether the judgement has changed.
  mutating func judge(_ member: Member, samples: UInt64, at now: Moment) -> Bool {
    let wasSlow = slowMembers[member.peer] != nil
    let isSlow =
      pace.isSlow(member.training, samples: samples) && (wasSlow || fastCount > 1)
    guard isSlow != wasSlow else { return false }
    if isSlow {
      slowMembers[member.peer] = member.completed
      completed.remove(member.completed)
      trials.set(member.peer, at: now.advanced(by: Self.trialInterval))
    } else {
      slowMembers[member.peer] = nil
      completed.insert(member.completed)
      trials.remove(member.peer)
    }
    releaseAhead()
    return true
  }

  /// Number of members that have asked for work and are not slow.
  private var fastCount: Int { readyCount - slowMembers.count }

  /// Whether a member has asked for work, is not slow, and is not `peer`.
  func hasFastMember(except peer: PeerID) -> Bool {
    fastCount > (slowMembers[peer] == nil ? 1 : 0)
  }

  /// Judges all members again if only slow ones are left.
  private mutating func judgeAgain() {
    guard fastCount == 0, !slowMembers.isEmpty else { return }
    pace.reset()
    for (peer, count) in slowMembers {
      trials.remove(peer)
      completed.insert(count)
    }
    slowMembers = [:]
    while let peer = slow.popFirst() { idle.append(peer) }
  }

  /// Sets a slow member aside.
  mutating func setSlowAside(_ peer: PeerID) { slow.append(peer) }

  /// Removes and returns a free slow member that is due to compute a copy.
  mutating func takeTrial(at now: Moment) -> PeerID? {
    while let peer = trials.popDue(at: now) {
      trials.set(peer, at: now.advanced(by: Self.trialInterval))
      guard slow.contains(peer) else { continue }
      slow.remove(peer)
      return peer
    }
    return nil
  }

  /// Returns the time for which a member may hold a lease: a multiple of what it usually takes, or
  /// a longer one while that is not known, and at least `least`.
  func leaseLimit(of member: Member, least: Duration, samples: UInt64) -> Duration {
    guard let own = member.training.expected(samples: samples) else { return least * 10 }
    return max(least, own * 16)
  }

  // MARK: Time

  /// Updates the time of the next tick.
  ///
  /// - Parameter isGranting: whether leases are granted now.
  mutating func schedule(isGranting: Bool) {
    let hasSubstitutes = isGranting && (!idle.isEmpty || !ahead.isEmpty)
    nextTick = hasSubstitutes ? ledger.nextDue : nil
  }
}
