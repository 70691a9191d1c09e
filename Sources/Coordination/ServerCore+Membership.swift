import Bytes
import Learning
import Numerics
import Wire

/// Membership: admission, refusal, eviction, farewell, heartbeats, and the end of the run.
extension ServerCore {
  /// Maximum number of quarantined incarnations of workers.
  static let quarantineLimit = 1024

  mutating func admit(
    _ hello: Hello, number: UInt32, from peer: PeerID, at now: Moment, effects: inout [Effect]
  ) {
    if let objection = objection(to: hello) {
      refuse(peer, name: hello.name, objection.0, objection.1, effects: &effects)
      return
    }
    if let former = members.member(named: hello.name, incarnation: hello.incarnation) {
      evict(former.peer, reason: "it reconnected", effects: &effects)
    }
    members.add(Member(peer: peer, hello: hello, number: number, at: now))
    send(.welcome(welcome), to: peer, effects: &effects)
    effects.append(.report(.joined(name: hello.name, workers: members.count)))
  }

  private func objection(to hello: Hello) -> (RefusalReason, String)? {
    if ending != nil { return (.finished, "this run has ended") }
    guard !quarantined.contains(WorkerIncarnation(hello)) else {
      return (.quarantined, "its results were rejected repeatedly")
    }
    let isBack = members.member(named: hello.name, incarnation: hello.incarnation) != nil
    guard isBack || members.count < policy.maximumWorkers else {
      return (.full, "the server has \(members.count) workers, its maximum")
    }
    let versions = Message.supportedVersions
    guard versions.overlaps(hello.minimumProtocol...hello.maximumProtocol) else {
      return (
        .protocolVersion,
        "the server supports protocol versions \(versions), the worker supports "
          + "\(hello.minimumProtocol)...\(hello.maximumProtocol)"
      )
    }
    guard hello.dataset == dataset.fingerprint else {
      return (
        .dataset,
        "the server's dataset is \(dataset.fingerprint), the worker's is \(hello.dataset)"
      )
    }
    guard hello.recipe.isEmpty || hello.recipe == settings.recipe.name else {
      return (
        .recipe, "the server's recipe is \(settings.recipe.name), the worker's is \(hello.recipe)"
      )
    }
    guard hello.model == 0 || hello.model == settings.fingerprint else {
      return (
        .model,
        "the server's settings are \(settings.fingerprint.hexadecimal), the worker's are "
          + "\(hello.model.hexadecimal)"
      )
    }
    return nil
  }

  private var welcome: Welcome {
    Welcome(
      protocolVersion: Message.supportedVersions.upperBound, incarnation: ledger.incarnation,
      settings: settings.pairs, dataset: dataset.fingerprint,
      layout: shape.layout.specs,
      heartbeatMilliseconds: timing.heartbeat.milliseconds,
      silenceMilliseconds: timing.silence.milliseconds)
  }

  func refuse(
    _ peer: PeerID, name: String, _ reason: RefusalReason, _ detail: String,
    effects: inout [Effect]
  ) {
    let refusal = NumberedMessage(.refusal(Refusal(reason: reason, detail: detail)), number: 0)
    effects.append(.send(refusal, to: peer))
    effects.append(.report(.refused(name: name, reason: detail)))
  }

  /// Removes a member and makes its work available again; does nothing if `peer` is not a member.
  ///
  /// - Parameter refusal: the kind of refusal to send first, if the worker must be notified.
  mutating func evict(
    _ peer: PeerID, reason: String, refusal: RefusalReason? = nil, effects: inout [Effect]
  ) {
    guard let member = members[peer] else { return }
    if let refusal { refuse(peer, name: member.name, refusal, reason, effects: &effects) }
    remove(peer, reason: reason, effects: &effects)
  }

  /// Evicts a member and refuses its incarnation from then on: its program or memory may be faulty.
  mutating func quarantine(_ member: Member, reason: String, effects: inout [Effect]) {
    if quarantined.count >= Self.quarantineLimit { quarantined.removeFirst() }
    quarantined.insert(WorkerIncarnation(member))
    evict(member.peer, reason: reason, refusal: .quarantined, effects: &effects)
  }

  /// Removes a member that sent a farewell, and makes its work available again.
  mutating func leave(_ peer: PeerID, reason: String, effects: inout [Effect]) {
    remove(peer, reason: reason, effects: &effects)
  }

  private mutating func remove(_ peer: PeerID, reason: String, effects: inout [Effect]) {
    guard let member = members.remove(peer) else { return }
    let leases = ledger.reclaim(from: peer)
    for lease in leases { stage.reopen(lease.work) }
    effects.append(.report(.left(name: member.name, reason: reason, workers: members.count)))
    guard !leases.isEmpty, ending == nil else { return }
    audit.leasesReissued += UInt64(leases.count)
    effects.append(.report(.reissued(leases.count, reason: "their holder is no longer a member")))
  }

  // MARK: Time

  private static let probeDelay = Duration.milliseconds(50)

  /// The next time at which the server needs a tick in addition to the regular ones.
  package var nextTick: Moment? {
    [nextProbe, nextLateLease].compactMap { $0 }.min()
  }

  /// Detects closed connections: libzmq reports that a connection closed, not which one, so every
  /// member is sent a heartbeat and the send to a closed connection fails. The report may come
  /// before the socket has processed the close, so a second heartbeat follows after a short delay.
  mutating func probe(at now: Moment, effects: inout [Effect]) {
    sendHeartbeats(at: now, effects: &effects)
    nextProbe = now.advanced(by: Self.probeDelay)
  }

  mutating func tick(at now: Moment, effects: inout [Effect]) {
    for member in members.silent(for: timing.silence, at: now) {
      evict(member.peer, reason: "no message for \(timing.silence)", effects: &effects)
    }
    evictStalled(at: now, effects: &effects)
    let isDue = lastHeartbeat.map { now.since($0) >= timing.heartbeat } ?? true
    let isProbeDue = nextProbe.map { now >= $0 } ?? false
    if isProbeDue { nextProbe = nil }
    if isProbeDue || isDue && ending == nil { sendHeartbeats(at: now, effects: &effects) }
  }

  /// Evicts members that send messages but whose computation makes no progress.
  private mutating func evictStalled(at now: Moment, effects: inout [Effect]) {
    for member in members.members
    where ledger.count(heldBy: member.peer) > 0 && now.since(member.lastProgress) > timing.stall {
      let reason = "its computation made no progress for \(timing.stall)"
      evict(member.peer, reason: reason, refusal: .stalled, effects: &effects)
    }
  }

  private mutating func sendHeartbeats(at now: Moment, effects: inout [Effect]) {
    lastHeartbeat = now
    let samples = min(version * UInt64(plan.batchSize), plan.positionCount)
    for member in members.members {
      send(.heartbeat(Heartbeat(progress: samples)), to: member.peer, effects: &effects)
    }
  }

  // MARK: The end

  /// Begins the end of the run; no more work is granted.
  mutating func end(
    _ outcome: Outcome, reason: String, at now: Moment, effects: inout [Effect]
  ) {
    guard ending == nil else { return }
    requestCheckpoint(at: now, effects: &effects)
    ending = Ending(outcome: outcome, reason: reason, since: now)
    stage = .over
  }

  /// Sends a drain to every member, once.
  mutating func drain(effects: inout [Effect]) {
    guard let ending, !ending.isAnnounced else { return }
    self.ending?.isAnnounced = true
    for member in members.members {
      send(.drain(Drain(reason: ending.reason)), to: member.peer, effects: &effects)
    }
  }

  /// Finishes the run once every member has sent its farewell or the time for farewells is over.
  mutating func finishIfEnded(at now: Moment, effects: inout [Effect]) {
    guard let ending, !ending.isOver else { return }
    guard members.count == 0 || now.since(ending.since) >= timing.farewell else { return }
    self.ending?.isOver = true
    effects.append(.finish(ending.outcome))
  }
}

/// One incarnation of a worker.
struct WorkerIncarnation: Hashable, Sendable {
  let name: String
  let incarnation: UInt64

  init(_ hello: Hello) { (name, incarnation) = (hello.name, hello.incarnation) }
  init(_ member: Member) { (name, incarnation) = (member.name, member.incarnation) }
}

extension Duration {
  /// Whole milliseconds, clamped to the range of a message field.
  var milliseconds: UInt32 {
    let (seconds, attoseconds) = components
    let bounded = min(max(seconds, 0), Int64(UInt32.max))
    return UInt32(clamping: bounded * 1000 + attoseconds / 1_000_000_000_000_000)
  }
}
