import Numerics
import Wire

/// The audit of leases: second computations, comparisons, and their consequences.
extension ServerCore {
  // MARK: Leases

  /// Grants the computations of audited work that have no worker: to another worker than the other
  /// one of the same work. If there is none, the server computes the work itself.
  mutating func grantAudits(at now: Moment, effects: inout [Effect]) {
    guard !leaseAudit.isEmpty else { return }
    for (work, other) in leaseAudit.needs {
      if isServerNeeded(for: other) {
        compute(leaseAudit.arbitrate(work.id), effects: &effects)
      } else if let peer = takeFree(other) {
        let lease = issue(work.work, to: peer, at: now, effects: &effects)
        leaseAudit.assign(lease.id, for: work)
      }
    }
  }

  /// Whether no member can compare the result of the other computation: the others are slow, or its
  /// author has left, and any of them may be its next incarnation.
  private func isServerNeeded(for other: LeaseAudit.Other) -> Bool {
    guard let author = other.author else { return false }
    guard let member = members.member(author) else { return true }
    return !grants.hasFastMember(except: member.peer)
  }

  /// Removes and returns a free member that has nothing to do with the other computation.
  private mutating func takeFree(_ other: LeaseAudit.Other) -> PeerID? {
    let (members, ledger) = (members, ledger)
    let limit = course.stage?.leasesPerWorker ?? 0
    return grants.takeFree { peer in
      members[peer].map { !other.involves($0, ledger) } == true
        && ledger.count(heldBy: peer) < limit
    }
  }

  /// Removes and returns a free member for a copy of a lease, which does not hold it and, if its
  /// work is audited, has nothing to do with the other computation.
  mutating func takeSubstitute(for id: LeaseID) -> PeerID? {
    let (members, ledger, other) = (members, ledger, leaseAudit.other(of: id))
    return grants.takeSubstitute { peer in
      !ledger.isHeld(id, by: peer) && members[peer].map { other.involves($0, ledger) } != true
    }
  }

  /// Lets the server compute audited work whose second worker is late.
  ///
  /// - Returns: false if the lease is not audited or has no result to compare with.
  mutating func computeLate(_ lease: Lease, effects: inout [Effect]) -> Bool {
    guard leaseAudit.other(of: lease.id).author != nil else { return false }
    grants.ledger.acceptDelay(of: lease.id)
    compute(leaseAudit.arbitrate(lease.id), effects: &effects)
    return true
  }

  /// Lets the server compute a lease with the current weights, or a prediction from them.
  ///
  /// - Parameter updates: the number of updates that are predicted.
  mutating func compute(_ lease: Lease?, ahead updates: UInt64 = 0, effects: inout [Effect]) {
    guard let lease else { return }
    effects.append(.recompute(lease, weights: course.weights(ahead: updates)))
  }

  // MARK: Results

  /// Adds a valid result to the course, unless it must be compared first.
  mutating func add(
    _ result: LeaseResult, for lease: Lease, from member: Member, at now: Moment,
    effects: inout [Effect]
  ) {
    switch leaseAudit.add(result, lease.id, by: WorkerIncarnation(member)) {
    case .unaudited:
      if case .train = lease.work { contributors.note(member.name, step: version + 1) }
      apply(result, for: lease.work, at: now, effects: &effects)
    case .open: break
    case .confirmed:
      course.audit.leasesAudited += 1
      apply(result, for: lease.work, at: now, effects: &effects)
    case .differing(let lease):
      effects.append(.report(.differing(lease.id)))
      compute(lease, effects: &effects)
    }
  }

  /// Adds a result to the course.
  mutating func apply(
    _ result: LeaseResult, for work: Work, at now: Moment, effects: inout [Effect]
  ) {
    let change = course.add(result, for: work, workers: members.count)
    record(change, at: now, effects: &effects)
  }

  /// Handles a result that the server has computed itself.
  mutating func recomputed(_ result: LeaseResult, at now: Moment, effects: inout [Effect]) {
    guard course.stage != nil else { return }
    if let dispute = arbitration.close(result.id) {
      settle(dispute, with: result, at: now, effects: &effects)
    } else if let decision = leaseAudit.decide(result) {
      settle(decision, with: result, at: now, effects: &effects)
    }
  }

  /// Decides a comparison with the server's own result: workers with another one are faulty.
  private mutating func settle(
    _ decision: LeaseAudit.Decision, with result: LeaseResult, at now: Moment,
    effects: inout [Effect]
  ) {
    for id in decision.unanswered { grants.ledger.fulfil(id) }
    course.audit.leasesAudited += 1
    let firsts = decision.wrong.map { contributors.firstStep(of: $0.name) }
    let before = firsts.compactMap { $0 }.min()
    for (worker, first) in zip(decision.wrong, firsts) {
      course.audit.resultsDiffering += 1
      let difference = AuditDifference(
        name: worker.name, lease: result.id, step: version + 1, firstStep: first,
        isUndone: policy.replaysAudit)
      effects.append(.report(.differed(difference)))
      quarantine(
        worker, reason: "its result of an audited lease is not the server's", effects: &effects)
    }
    guard check.isUsable(result) else {
      return diverge(
        "the server computed a gradient that is not finite", at: now, effects: &effects)
    }
    if let before, policy.replaysAudit {
      return goBack(before: before, at: now, effects: &effects)
    }
    apply(result, for: decision.work, at: now, effects: &effects)
  }

  /// Ends this incarnation of the server, so that the next one resumes from weights before `step`.
  /// The workers reconnect, as after a crash.
  private mutating func goBack(
    before step: UInt64, at now: Moment, effects: inout [Effect]
  ) {
    guard !shutdown.hasBegun else { return }
    let reason = "the server returns to the weights before step \(step)"
    shutdown.begin(.replay(before: step), reason: reason, at: now)
    course.stop()
  }
}

extension Membership {
  /// Returns the member that is this incarnation of a worker.
  fileprivate func member(_ worker: WorkerIncarnation) -> Member? {
    member(named: worker.name, incarnation: worker.incarnation)
  }
}
