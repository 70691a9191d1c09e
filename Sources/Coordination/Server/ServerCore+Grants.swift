import Learning
import Numerics
import Wire

/// Grants: leases for members with free capacity, copies of late leases, verdicts and weights.
extension ServerCore {
  /// Grants work to available members, and sends the verdicts that are due.
  mutating func grant(hasNewStage: Bool, at now: Moment, effects: inout [Effect]) {
    if hasNewStage { grants.releaseAll() }
    let stage = shutdown.hasBegun ? nil : course.stage
    let isGranting = stage.map { quorum.mayTrain || !$0.isTraining } ?? false
    if let stage, isGranting {
      grants.ledger.collectLate(at: now)
      if case .step = stage {
        grantAudits(at: now, effects: &effects)
        grantShares(at: now, effects: &effects)
        grantAudits(at: now, effects: &effects)
      } else {
        grantNext(stage, at: now, effects: &effects)
      }
      copyLate(at: now, effects: &effects)
      if stage.isTraining { grantTrials(at: now, effects: &effects) }
    }
    while let peer = grants.promptVerdicts.popFirst() {
      sendVerdict(to: peer, at: now, effects: &effects)
    }
    if hasNewStage || course.stage == nil {
      while let peer = grants.deferredVerdicts.popFirst() {
        sendVerdict(to: peer, at: now, effects: &effects)
      }
    }
    grants.schedule(isGranting: isGranting)
  }

  /// Sends a pending verdict without leases.
  mutating func sendVerdict(to peer: PeerID, at now: Moment, effects: inout [Effect]) {
    guard let verdict = members[peer]?.verdict else { return }
    members.update(peer) { $0.verdict = nil }
    send(
      .grant(Grant(verdict: verdict, version: version)), to: peer, at: now, effects: &effects)
  }

  // MARK: New work

  /// Grants the open slices of a step: to each member one complete node of the reduction tree, so
  /// that it returns one gradient; the largest to the fastest.
  private mutating func grantShares(at now: Moment, effects: inout [Effect]) {
    guard case .step(let step) = course.stage, step.openCount > 0 else { return }
    var free: [Member] = []
    let limit = step.openCount
    while free.count < limit, let peer = grants.idle.popFirst() {
      guard let member = members[peer], capacity(of: member) > 0 else { continue }
      if grants.isSlow(peer) {
        grants.setSlowAside(peer)
      } else {
        free.append(member)
      }
    }
    guard !free.isEmpty else { return }
    let shares = course.takeShares(among: free.count)
    for (member, work) in zip(bySpeed(free), shares) {
      leaseAudit.begin(issue(work, to: member.peer, at: now, effects: &effects))
    }
    for member in bySpeed(free).dropFirst(shares.count) { grants.idle.append(member.peer) }
  }

  /// Sorts members by the time that they need for a batch; those without an estimate come first.
  private func bySpeed(_ members: [Member]) -> [Member] {
    members.map { ($0.training.expected(samples: batchSamples) ?? .zero, $0) }
      .sorted { ($0.0, $0.1.order) < ($1.0, $1.1.order) }.map(\.1)
  }

  /// Grants whole batches or runs of an evaluation.
  private mutating func grantNext(_ stage: Stage, at now: Moment, effects: inout [Effect]) {
    let isBounded = settings.mode == .bounded && stage.isTraining
    while course.stage?.hasOpenWork == true, let peer = grants.idle.popFirst() {
      guard let member = members[peer] else { continue }
      let free = capacity(of: member)
      guard free > 0 else { continue }
      if isBounded, grants.isSlow(peer) {
        grants.setSlowAside(peer)
        continue
      }
      if isBounded, grants.setAside(member) { continue }
      var works: [Work] = []
      while works.count < free, let work = course.takeNext() { works.append(work) }
      issue(works, to: peer, at: now, effects: &effects)
      if works.count < free { grants.idle.append(peer) }
    }
  }

  /// Returns the number of additional leases that a member may hold now.
  private func capacity(of member: Member) -> Int {
    guard member.isReady, let stage = course.stage else { return 0 }
    let limit = member.overlaps ? 2 : stage.leasesPerWorker
    return max(0, limit - ledger.count(heldBy: member.peer))
  }

  /// Issues a lease of `work` with the current weights, and sends it.
  mutating func issue(
    _ work: Work, to peer: PeerID, at now: Moment, effects: inout [Effect]
  ) -> Lease {
    let lease = grants.ledger.issue(
      work, version: version, to: peer, at: now, due: dueTime(work, of: peer, at: now))
    send([lease], to: peer, at: now, effects: &effects)
    return lease
  }

  private mutating func issue(
    _ works: [Work], to peer: PeerID, at now: Moment, effects: inout [Effect]
  ) {
    let leases = works.map { work in
      grants.ledger.issue(
        work, version: version, to: peer, at: now, due: dueTime(work, of: peer, at: now))
    }
    send(leases, to: peer, at: now, effects: &effects)
  }

  private func dueTime(_ work: Work, of peer: PeerID, at now: Moment) -> Moment {
    guard let member = members[peer] else { return now }
    let cost = if case .train = work { member.training } else { member.evaluation }
    return now.advanced(
      by: grants.pace.allowance(work, samples: course.samples(of: work), cost: cost))
  }

  // MARK: Copies

  /// Grants late leases to available members that do not hold them.
  private mutating func copyLate(at now: Moment, effects: inout [Effect]) {
    while !grants.idle.isEmpty || !grants.ahead.isEmpty, let lease = grants.ledger.oldestLate() {
      guard let peer = takeSubstitute(for: lease.id) else {
        guard computeLate(lease, effects: &effects) else { return }
        continue
      }
      guard let member = members[peer], capacity(of: member) > 0 else { continue }
      copy(lease, to: peer, reason: "its holder is late", at: now, effects: &effects)
    }
  }

  /// Grants a slow member a copy of another's lease now and then, so that it is judged again.
  private mutating func grantTrials(at now: Moment, effects: inout [Effect]) {
    while let peer = grants.takeTrial(at: now) {
      guard let lease = ledger.oldest(notHeldBy: peer), !leaseAudit.isAudited(lease.id) else {
        grants.setSlowAside(peer)
        continue
      }
      copy(lease, to: peer, reason: "to judge a slow worker again", at: now, effects: &effects)
    }
  }

  private mutating func copy(
    _ lease: Lease, to peer: PeerID, reason: String, at now: Moment, effects: inout [Effect]
  ) {
    let copy = grants.ledger.copy(
      lease, version: version, to: peer, at: now, due: dueTime(lease.work, of: peer, at: now))
    course.audit.leasesReissued += 1
    effects.append(.report(.reissued(1, reason: reason)))
    send([copy], to: peer, at: now, effects: &effects)
  }

  // MARK: Messages

  /// Returns the number of updates that are expected before the result of leases, to which their
  /// weights are extrapolated. Before the first update there is no direction.
  func horizon(_ leases: [Lease], of member: Member) -> UInt64 {
    guard settings.mode != .sync, version > 0, case .train = leases.first?.work else { return 0 }
    return member.expectedStaleness(among: members.count)
  }

  /// Sends leases with the pending verdict, and the weights if the member has other ones.
  private mutating func send(
    _ leases: [Lease], to peer: PeerID, at now: Moment, effects: inout [Effect]
  ) {
    guard let required = leases.first?.version, let member = members[peer] else { return }
    let weights = WeightsIdentity(version: required, ahead: horizon(leases, of: member))
    let isBehind = member.weights != weights
    let grant = Grant(
      verdict: member.verdict, leases: leases, version: required, hasWeights: isBehind)
    let vectors = isBehind ? [course.weights(ahead: weights.ahead)] : []
    let wasIdle = ledger.count(heldBy: peer) == leases.count
    let message = members.update(peer) { member in
      member.verdict = nil
      member.weights = weights
      member.lastSent = now
      if wasIdle { member.noteProgress(at: now) }
      return member.channel.announce(vectors) { piece in
        var grant = grant
        grant.firstPiece = piece
        return .grant(grant)
      }
    }
    if let message { effects.append(.send(message, to: peer)) }
    sendPieces(to: peer, at: now, effects: &effects)
  }
}
