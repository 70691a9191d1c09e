import Learning
import Numerics
import Wire

/// Who gets what: leases for free hands, copies of late ones, verdicts, and the weights.
extension ServerCore {
  /// Gives work to every worker that has a hand free, in the order in which they joined, and tells
  /// verdicts: with the worker's next leases, or alone if those are not to be expected soon.
  mutating func grant(at now: Moment, effects: inout [Effect]) {
    var waiting = members.members.count { room(of: $0) > 0 }
    for member in members.members {
      let room = room(of: member)
      let leases = takeLeases(
        for: member.peer, room: room, waiting: waiting, at: now, effects: &effects)
      if room > 0 { waiting -= 1 }
      if !leases.isEmpty {
        send(leases, to: member, at: now, effects: &effects)
      } else if !stage.endsSoon || !member.isReady || member.verdict?.verdict != .applied {
        tellVerdict(to: member.peer, effects: &effects)
      }
    }
  }

  /// Sends a verdict that is still to be told, alone.
  mutating func tellVerdict(to peer: PeerID, effects: inout [Effect]) {
    guard let verdict = members[peer]?.verdict else { return }
    members.update(peer) { $0.verdict = nil }
    tell(.grant(Grant(verdict: verdict, version: version)), to: peer, effects: &effects)
  }

  /// Sends a message to a member under the next number of its session.
  mutating func tell(_ message: Message, to peer: PeerID, effects: inout [Effect]) {
    members.update(peer) { effects.append(.send($0.numbers.number(message), to: peer)) }
  }

  /// When a lease becomes late that one of those who have nothing to do could take over.
  var nextLateLease: Moment? {
    let idle = members.members.filter { room(of: $0) > 0 }.map(\.peer)
    return idle.isEmpty ? nil : ledger.nextLate(for: idle, allowance: allowance)
  }

  /// How many more leases a worker may hold now.
  private func room(of member: Member) -> Int {
    guard member.isReady, mayWork(member) else { return 0 }
    return max(0, stage.leasesInHand - ledger.count(heldBy: member.peer))
  }

  /// Whether the number of workers, and the lead of this one, allow it to go on.
  private func mayWork(_ member: Member) -> Bool {
    guard stage.isTraining else { return true }
    guard members.count >= policy.minimumWorkers else { return false }
    guard settings.mode == .bounded, let least = members.leastCompleted else { return true }
    return member.completed - min(member.completed, least) <= settings.stalenessBound
  }

  private func allowance(_ work: Work) -> Duration {
    pace.allowance(work, samples: samples(of: work))
  }

  private mutating func takeLeases(
    for peer: PeerID, room: Int, waiting: Int, at now: Moment, effects: inout [Effect]
  ) -> [Lease] {
    var leases: [Lease] = []
    while leases.count < room, let work = stage.take(waiting: waiting) {
      leases.append(ledger.issue(work, version: version, to: peer, at: now))
    }
    guard leases.isEmpty, room > 0 else { return leases }
    let (pace, samples) = (pace, samples)
    let copy = ledger.copyLate(version: version, to: peer, at: now) {
      pace.allowance($0, samples: samples($0))
    }
    guard let copy else { return leases }
    audit.leasesReissued += 1
    effects.append(.report(.reissued(1, reason: "its holder is late")))
    return [copy]
  }

  private mutating func send(
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
      weights: isBehind ? snapshot() : nil)
    tell(.grant(grant), to: member.peer, effects: &effects)
  }

  /// The weights as one encoded tensor, made once per version and shared by all who get it.
  private mutating func snapshot() -> EncodedTensor {
    if let encodedWeights, encodedWeights.version == version { return encodedWeights.tensor }
    let tensor = EncodedTensor(float32: optimizer.weights, shape: [optimizer.weights.count])
    encodedWeights = (version, tensor)
    return tensor
  }
}
