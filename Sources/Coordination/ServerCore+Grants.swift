import Learning
import Numerics
import Wire

/// Grants: leases for workers with free capacity, copies of late leases, verdicts and weights.
extension ServerCore {
  /// Grants work to every member with free capacity, in the order in which they joined, and sends
  /// pending verdicts: with the member's next leases, or alone if no leases are expected soon.
  mutating func grant(at now: Moment, effects: inout [Effect]) {
    var waiting = members.members.count { capacity(of: $0) > 0 }
    for member in members.members {
      let free = capacity(of: member)
      let leases = issueLeases(
        for: member.peer, upTo: free, waiting: waiting, at: now, effects: &effects)
      if free > 0 { waiting -= 1 }
      if !leases.isEmpty {
        sendGrant(leases, to: member, at: now, effects: &effects)
      } else if !stage.defersVerdicts || !member.isReady || member.verdict?.verdict != .applied {
        sendVerdict(to: member.peer, effects: &effects)
      }
    }
  }

  /// Sends a pending verdict without leases.
  mutating func sendVerdict(to peer: PeerID, effects: inout [Effect]) {
    guard let verdict = members[peer]?.verdict else { return }
    members.update(peer) { $0.verdict = nil }
    send(.grant(Grant(verdict: verdict, version: version)), to: peer, effects: &effects)
  }

  /// Sends a message to a member with the next number of its session.
  mutating func send(_ message: Message, to peer: PeerID, effects: inout [Effect]) {
    members.update(peer) { effects.append(.send($0.numbers.number(message), to: peer)) }
  }

  /// The next time at which a lease becomes late that an idle worker could copy.
  var nextLateLease: Moment? {
    let idle = members.members.filter { capacity(of: $0) > 0 }.map(\.peer)
    return idle.isEmpty ? nil : ledger.nextLate(for: idle, allowance: allowance)
  }

  /// Returns the number of additional leases that a member may hold now.
  private func capacity(of member: Member) -> Int {
    guard member.isReady, mayCompute(member) else { return 0 }
    return max(0, stage.leasesPerWorker - ledger.count(heldBy: member.peer))
  }

  /// Returns whether the number of members and the staleness bound allow this member to compute.
  private func mayCompute(_ member: Member) -> Bool {
    guard stage.isTraining else { return true }
    guard members.count >= policy.minimumWorkers else { return false }
    guard settings.mode == .bounded, let least = members.leastCompleted else { return true }
    return member.completed - min(member.completed, least) <= settings.stalenessBound
  }

  private func allowance(_ work: Work) -> Duration {
    pace.allowance(work, samples: samples(of: work))
  }

  private mutating func issueLeases(
    for peer: PeerID, upTo limit: Int, waiting: Int, at now: Moment, effects: inout [Effect]
  ) -> [Lease] {
    var leases: [Lease] = []
    while leases.count < limit, let work = stage.popWork(waiting: waiting) {
      leases.append(ledger.issue(work, version: version, to: peer, at: now))
    }
    guard leases.isEmpty, limit > 0 else { return leases }
    let (pace, samples) = (pace, samples)
    let copy = ledger.copyLate(version: version, to: peer, at: now) {
      pace.allowance($0, samples: samples($0))
    }
    guard let copy else { return leases }
    audit.leasesReissued += 1
    effects.append(.report(.reissued(1, reason: "its holder is late")))
    return [copy]
  }

  private mutating func sendGrant(
    _ leases: [Lease], to member: Member, at now: Moment, effects: inout [Effect]
  ) {
    let isBehind = member.weightsVersion != version
    let current = version
    let wasIdle = ledger.count(heldBy: member.peer) == leases.count
    members.update(member.peer) {
      $0.verdict = nil
      if wasIdle { $0.lastProgress = now }
      if isBehind { $0.weightsVersion = current }
    }
    let grant = Grant(
      verdict: member.verdict, leases: leases, version: version,
      weights: isBehind ? currentWeights() : nil)
    send(.grant(grant), to: member.peer, effects: &effects)
  }

  /// Returns the weights as one encoded tensor, created once per version and shared by all grants.
  private mutating func currentWeights() -> EncodedTensor {
    if let encodedWeights, encodedWeights.version == version { return encodedWeights.tensor }
    let tensor = EncodedTensor(float32: optimizer.weights, shape: [optimizer.weights.count])
    encodedWeights = (version, tensor)
    return tensor
  }
}
