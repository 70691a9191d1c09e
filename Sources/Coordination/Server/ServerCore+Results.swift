import Learning
import Numerics
import Wire

/// Results: arrival in pieces, verdicts, and results that are not finite.
extension ServerCore {
  /// Number of consecutive rejected results after which a worker is quarantined.
  static let rejectionLimit = 3

  /// The number of members up to which each may hold two batches. Their staleness is then 3, which
  /// costs hardly any accuracy; with four, 7 costs more in the first steps than the speed gains.
  static let mostOverlapping = 2

  /// Announced vectors that a member may have under way, apart from those of a whole batch.
  private static let mostTransfers = 64

  // MARK: Arrival

  /// Handles the announcement of a result: settles it at once if no gradients are needed.
  mutating func announced(
    _ push: Push, from peer: PeerID, at now: Moment, effects: inout [Effect]
  ) {
    sendVerdict(to: peer, at: now, effects: &effects)
    let count = push.contributions.count
    guard let pending = members[peer]?.incoming.pendingCount,
      count <= plan.slices, pending + count <= 2 * plan.slices + Self.mostTransfers
    else {
      evict(
        peer, reason: "it announced \(count) gradients", refusal: .malformed, effects: &effects)
      return
    }
    let isDropped = !isWanted(push, from: peer)
    if count > 0 {
      members.update(peer) { member in
        member.incoming.announce(count)
        var arrival = push
        arrival.firstPiece = nil  // it is added below
        member.arrivals.append(Member.Arrival(push: arrival, isDropped: isDropped))
      }
    }
    if count == 0 || isDropped { settle(push, [], from: peer, at: now, effects: &effects) }
    guard let first = push.firstPiece, let announced = members[peer]?.announcedTransfers else {
      return
    }
    let piece = Piece(transfer: announced &- UInt32(count) &+ 1, index: 0, values: first)
    add(piece, from: peer, at: now, effects: &effects)
  }

  /// Answers a push that arrived again: a duplicate, unless its gradients are still expected.
  mutating func repeated(
    _ push: Push, from peer: PeerID, at now: Moment, effects: inout [Effect]
  ) {
    if case .live = ledger.settlement(push.id, from: peer) { return }
    let isExpected = members[peer]?.arrivals.elementsInOrder.contains {
      $0.push.id == push.id && !$0.isDropped
    }
    guard isExpected != true else { return }
    sendVerdict(to: peer, at: now, effects: &effects)  // that of another result, which may wait
    settle(push, [], from: peer, at: now, effects: &effects)
  }

  /// Returns whether the gradients of an announced result will be needed.
  private func isWanted(_ push: Push, from peer: PeerID) -> Bool {
    guard case .live(let lease, _) = ledger.settlement(push.id, from: peer) else { return false }
    return check.objection(to: push, for: lease) == nil
      && !course.isTooOld(push.version, for: lease.work)
  }

  /// Adds a piece of an announced gradient.
  mutating func add(
    _ piece: Piece, from peer: PeerID, at now: Moment, effects: inout [Effect]
  ) {
    let outcome = members.update(peer) { member in
      member.noteProgress(at: now)
      return member.incoming.add(piece, isKept: member.arrivals.first?.isDropped == false)
    }
    switch outcome {
    case .complete(let vector): complete(vector, from: peer, at: now, effects: &effects)
    case .invalid(let reason):
      effects.append(.report(.ignored(peer: peer, reason: reason)))
      evict(peer, reason: reason, refusal: .malformed, effects: &effects)
    case .incomplete, nil: break
    }
  }

  /// Adds a complete gradient, and settles its result if it was the last one.
  private mutating func complete(
    _ vector: PiecewiseVector, from peer: PeerID, at now: Moment, effects: inout [Effect]
  ) {
    let arrived = members.update(peer) { member -> (Member.Arrival, [PiecewiseVector])? in
      member.arrivedVectors.append(vector)
      guard let arrival = member.arrivals.first,
        member.arrivedVectors.count == arrival.push.contributions.count
      else { return nil }
      member.arrivals.popFirst()
      defer { member.arrivedVectors = [] }
      return (arrival, member.arrivedVectors)
    }
    guard case (let arrival, let vectors)?? = arrived, !arrival.isDropped else { return }
    settle(arrival.push, vectors, from: peer, at: now, effects: &effects)
  }

  // MARK: Verdicts

  /// Settles a result: validates it, applies it, and records the verdict for the worker.
  private mutating func settle(
    _ push: Push, _ vectors: [PiecewiseVector], from peer: PeerID, at now: Moment,
    effects: inout [Effect]
  ) {
    guard let member = members[peer] else { return }
    let settlement = ledger.settlement(push.id, from: peer)
    let answered = grants.ledger.answer(push.id, by: peer)
    members.update(peer) { grants.rejoin(&$0) }
    if let answered { recordDuration(of: answered, push, from: peer, at: now, effects: &effects) }
    let verdict: Verdict
    switch settlement {
    case .duplicate: verdict = .duplicate
    case .stale: verdict = .stale
    case .notGranted: verdict = .rejected("this lease was not granted to this worker")
    case .live(let lease, _):
      let result = LeaseResult(
        id: push.id, version: push.version, sums: push.sums,
        contributions: zip(push.contributions, vectors).map(Contribution.init))
      verdict = accept(result, push, for: lease, from: member, at: now, effects: &effects)
    }
    count(verdict, of: push, from: peer)
    if verdict != .applied {
      effects.append(.report(.rejected(name: member.name, verdict: verdict)))
    }
    record(LeaseVerdict(id: push.id, verdict: verdict), for: peer, at: now)
    quarantineIfOffender(peer, effects: &effects)
  }

  private mutating func recordDuration(
    of lease: Ledger.Unanswered, _ push: Push, from peer: PeerID, at now: Moment,
    effects: inout [Effect]
  ) {
    let samples = course.samples(of: lease.work)
    let computed = Duration.microseconds(Int64(clamping: push.computeMicroseconds))
    members.update(peer) { member in
      grants.record(lease, of: &member, computed: computed, samples: samples, at: now)
    }
    guard case .train = lease.work else { return }
    guard settings.mode != .async else { return judgeOverlap(of: peer) }
    guard let member = members[peer], grants.judge(member, samples: batchSamples, at: now)
    else { return }
    effects.append(.report(.slow(name: member.name, isSlow: grants.isSlow(peer))))
  }

  /// Decides whether a worker gets a second batch, which hides its link but doubles the staleness:
  /// only among a few workers, and unless batches of old gradients are computed again.
  private mutating func judgeOverlap(of peer: PeerID) {
    let isAllowed = members.count <= Self.mostOverlapping && settings.maximumStaleness == nil
    let samples = batchSamples
    members.update(peer) { member in
      member.overlaps =
        isAllowed
        && member.training.isWorthOverlapping(samples: samples, overlaps: member.overlaps)
    }
  }

  private mutating func count(_ verdict: Verdict, of push: Push, from peer: PeerID) {
    switch verdict {
    case .applied: members.update(peer) { $0.rejections = 0 }
    case .duplicate: course.audit.duplicatesRefused += 1
    case .stale:
      course.audit.staleRefused += 1
      if !push.contributions.isEmpty { members.update(peer) { grants.answered(&$0) } }
    case .rejected: course.audit.resultsRejected += 1
    }
  }

  private mutating func accept(
    _ result: LeaseResult, _ push: Push, for lease: Lease, from member: Member, at now: Moment,
    effects: inout [Effect]
  ) -> Verdict {
    guard course.stage != nil else {
      _ = grants.ledger.release(lease.id, from: member.peer)
      return .stale
    }
    if course.isTooOld(result.version, for: lease.work) {
      release(lease, from: member.peer)
      return .stale
    }
    if let objection = check.objection(to: push, for: lease) {
      release(lease, from: member.peer)
      members.update(member.peer) { $0.rejections += 1 }
      return .rejected(objection)
    }
    guard check.isUsable(result) else {
      dispute(lease, by: member, effects: &effects)
      return .rejected("it contains NaN, infinity, or values whose squares overflow")
    }
    let holders = ledger.holders(of: lease.id)
    grants.ledger.fulfil(lease.id)
    let staleness = course.staleness(of: result.version)
    add(result, for: lease, from: member, at: now, effects: &effects)
    if case .train = lease.work {
      let count = members.count
      members.update(member.peer) { $0.noteStaleness(staleness, among: count) }
      // Another holder need not answer before the others continue.
      members.update(member.peer) { grants.answered(&$0) }
      for holder in holders where holder != member.peer {
        members.update(holder) { grants.overtake(&$0) }
      }
    }
    return .applied
  }

  /// Takes a lease from a worker whose result is not accepted.
  private mutating func release(_ lease: Lease, from peer: PeerID) {
    if grants.ledger.release(lease.id, from: peer) { withdraw(lease) }
  }

  /// Records a verdict for the worker, and makes the worker available for further leases.
  private mutating func record(_ verdict: LeaseVerdict, for peer: PeerID, at now: Moment) {
    members.update(peer) { member in
      member.verdict = verdict
      member.noteProgress(at: now)
    }
    let isDeferred = verdict.verdict == .applied && course.stage?.defersVerdicts == true
    if isDeferred, members[peer]?.isReady == true, quorum.mayTrain {
      grants.deferredVerdicts.append(peer)
    } else {
      grants.promptVerdicts.append(peer)
    }
    if members[peer]?.isReady == true { grants.idle.append(peer) }
  }

  private mutating func quarantineIfOffender(_ peer: PeerID, effects: inout [Effect]) {
    guard let member = members[peer], member.rejections >= Self.rejectionLimit else { return }
    quarantine(
      WorkerIncarnation(member), reason: "\(member.rejections) results in a row were rejected",
      effects: &effects)
  }

  // MARK: Results that are not finite

  /// Lets the server compute the work of a result that is not finite.
  private mutating func dispute(_ lease: Lease, by member: Member, effects: inout [Effect]) {
    grants.ledger.fulfil(lease.id)
    for other in leaseAudit.drop(lease.id) { grants.ledger.fulfil(other) }
    effects.append(.report(.disputed(name: member.name)))
    guard arbitration.open(lease, by: WorkerIncarnation(member)) else {
      return course.reopen(lease.work)
    }
    // As the worker computed it: a prediction may diverge where the weights themselves do not yet.
    let own = Lease(id: lease.id, version: version, work: lease.work)
    compute(own, ahead: horizon([own], of: member), effects: &effects)
  }

  /// Decides a dispute with the server's own result: if it is finite, the worker is faulty.
  mutating func settle(
    _ dispute: Arbitration.Dispute, with result: LeaseResult, at now: Moment,
    effects: inout [Effect]
  ) {
    guard check.isUsable(result) else {
      return diverge(
        "\(dispute.worker.name) and the server computed a gradient that is not finite",
        at: now, effects: &effects)
    }
    quarantine(
      dispute.worker, reason: "its result was not finite, and the server's of the same work is",
      effects: &effects)
    apply(result, for: dispute.work, at: now, effects: &effects)
  }
}
