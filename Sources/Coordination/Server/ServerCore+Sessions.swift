import Learning
import Numerics
import Wire

/// Sessions: messages, admission, eviction, and deadlines.
extension ServerCore {
  // MARK: Messages

  mutating func receive(
    _ numbered: NumberedMessage, from peer: PeerID, by credential: Credential?, at now: Moment,
    effects: inout [Effect]
  ) {
    if case .inquiry = numbered.message {
      answerInquiry(of: credential, from: peer, at: now, effects: &effects)
      return
    }
    if credential?.role == .observer {
      receiveFromObserver(numbered.message, credential, peer, effects: &effects)
      return
    }
    let order = members.update(peer) { member in
      let underWay = member.channel.bytesUnderWay
      defer { if member.channel.bytesUnderWay != underWay { member.noteProgress(at: now) } }
      member.lastReceived = now
      return member.channel.receive(numbered)
    }
    switch (order, numbered.message) {
    case (nil, _):
      receiveFromStranger(numbered, from: peer, by: credential, at: now, effects: &effects)
    case (.gap, _):
      evict(
        peer, reason: "messages were lost in transit", refusal: .unknownMember, effects: &effects)
    case (.next, _): process(numbered, from: peer, at: now, effects: &effects)
    case (.repeated, .push(let push)):
      repeated(push, from: peer, at: now, effects: &effects)
    case (.repeated, _): break
    }
    sendPieces(to: peer, at: now, effects: &effects)
  }

  /// Handles a message from a peer that is not a member.
  private mutating func receiveFromStranger(
    _ numbered: NumberedMessage, from peer: PeerID, by credential: Credential?, at now: Moment,
    effects: inout [Effect]
  ) {
    switch numbered.message {
    case .hello(let hello):
      admit(
        hello, of: credential, number: numbered.number, from: peer, at: now, effects: &effects)
    case .farewell: break
    case .push:  // of a former session or an earlier incarnation of the server
      course.audit.staleRefused += 1
      effects.append(.report(.rejected(name: "\(peer)", verdict: .stale)))
      refuseStranger(peer, effects: &effects)
    default: refuseStranger(peer, effects: &effects)
    }
  }

  /// Refuses a peer without a session. It is not reported, so that strangers cannot fill the log.
  private func refuseStranger(_ peer: PeerID, effects: inout [Effect]) {
    sendRefusal(.unknownMember, "send a hello first", to: peer, effects: &effects)
    effects.append(.disconnect(peer))
  }

  private mutating func process(
    _ numbered: NumberedMessage, from peer: PeerID, at now: Moment, effects: inout [Effect]
  ) {
    switch numbered.message {
    case .hello:
      evict(peer, reason: "it sent a second hello", refusal: .unknownMember, effects: &effects)
    case .ready: welcomeToWork(peer)
    case .farewell(let farewell):
      remove(peer, reason: farewell.reason, effects: &effects)
    case .push(let push): announced(push, from: peer, at: now, effects: &effects)
    case .piece(let piece): add(piece, from: peer, at: now, effects: &effects)
    case .heartbeat(let heartbeat):
      members.update(peer) {
        if $0.progress != heartbeat.progress { $0.lastProgress = now }
        $0.progress = heartbeat.progress
      }
    case .acknowledgement, .inquiry: break  // an inquiry is answered outside of the session
    case .welcome, .refusal, .grant, .drain, .status:
      evict(
        peer, reason: "only a server may send this message", refusal: .malformed, effects: &effects)
    }
  }

  /// Makes a member available for leases.
  private mutating func welcomeToWork(_ peer: PeerID) {
    guard members.markReady(peer) else { return }
    let least = grants.leastCompleted ?? 0
    let completed = members.update(peer) { member in
      member.completed = max(member.completed, least)
      return member.completed
    }
    grants.enter(peer, completed: completed ?? 0)
  }

  /// Sends a message to a member with the next number of its session.
  mutating func send(
    _ message: Message, to peer: PeerID, at now: Moment, effects: inout [Effect]
  ) {
    let numbered = members.update(peer) { member in
      member.lastSent = now
      return member.channel.number(message)
    }
    if let numbered { effects.append(.send(numbered, to: peer)) }
  }

  /// Sends the queued pieces that fit into the member's window, and an acknowledgement if it waits
  /// for one.
  mutating func sendPieces(to peer: PeerID, at now: Moment, effects: inout [Effect]) {
    members.update(peer) { member in
      while let piece = member.channel.nextPiece() {
        member.lastSent = now
        effects.append(.send(piece, to: peer))
      }
      guard member.channel.owesAcknowledgement else { return }
      member.lastSent = now
      effects.append(.send(member.channel.number(.acknowledgement), to: peer))
    }
  }

  // MARK: Admission

  private mutating func admit(
    _ hello: Hello, of credential: Credential?, number: UInt32, from peer: PeerID, at now: Moment,
    effects: inout [Effect]
  ) {
    let hello = hello.named(by: credential)
    let former = members.member(named: hello.name, incarnation: hello.incarnation)
    let objection = admission.objection(
      to: hello, of: credential, workers: members.count, isBack: former != nil,
      hasEnded: shutdown.isAnnounced)
    if let objection { return refuse(peer, hello.name, objection, effects: &effects) }
    if let former { evict(former.peer, reason: "it reconnected", effects: &effects) }
    let name = members.add(
      hello, of: credential, peer: peer,
      channel: Channel(
        received: number, limits: policy.transfers, heartbeatLimit: policy.heartbeatLimit),
      width: optimizer.shape.layout.count, at: now)
    liveness.watch(peer, at: now)
    send(.welcome(welcome), to: peer, at: now, effects: &effects)
    effects.append(.report(.joined(name: name, workers: members.count)))
  }

  var welcome: Welcome {
    Welcome(
      protocolVersion: Message.supportedVersions.upperBound, incarnation: ledger.incarnation,
      settings: settings.pairs, dataset: dataset.fingerprint,
      layout: optimizer.shape.layout.specs,
      heartbeatMilliseconds: timing.heartbeat.milliseconds,
      silenceMilliseconds: timing.silence.milliseconds,
      patienceMilliseconds: timing.patience.milliseconds, transfers: policy.transfers)
  }

  private func refuse(
    _ peer: PeerID, _ name: String, _ objection: Admission.Objection, effects: inout [Effect]
  ) {
    let reason = objection.reason
    sendRefusal(reason, objection.text, to: peer, effects: &effects)
    if let kind = RefusalKind(reason) {
      effects.append(
        .report(.refused(kind, name: name, reason: objection.text + objection.more)))
    }
    effects.append(.disconnect(peer))
  }

  func sendRefusal(
    _ reason: RefusalReason, _ detail: String, to peer: PeerID, effects: inout [Effect]
  ) {
    let refusal = Refusal(reason: reason, detail: detail)
    effects.append(.send(NumberedMessage(.refusal(refusal), number: 0), to: peer))
  }

  // MARK: Eviction

  /// Removes a member and makes its work available again; does nothing if `peer` is not a member.
  ///
  /// - Parameter refusal: the kind of refusal to send first, if the worker must be notified.
  mutating func evict(
    _ peer: PeerID, reason: String, refusal: RefusalReason? = nil, effects: inout [Effect]
  ) {
    guard members[peer] != nil else { return }
    if let refusal { sendRefusal(refusal, reason, to: peer, effects: &effects) }
    remove(peer, reason: reason, effects: &effects)
  }

  /// Refuses an incarnation of a worker from now on, and evicts it: its program or memory may be
  /// faulty.
  mutating func quarantine(
    _ worker: WorkerIncarnation, reason: String, effects: inout [Effect]
  ) {
    let member = members.member(named: worker.name, incarnation: worker.incarnation)
    admission.quarantine(worker, of: member?.credential)
    guard let member else { return }
    evict(member.peer, reason: reason, refusal: .quarantined, effects: &effects)
  }

  private mutating func remove(_ peer: PeerID, reason: String, effects: inout [Effect]) {
    guard let member = members.remove(peer) else { return }
    effects.append(.disconnect(peer))
    liveness.forget(peer)
    grants.leave(peer, member: member)
    let leases = grants.ledger.reclaim(from: peer)
    for lease in leases { withdraw(lease) }
    effects.append(.report(.left(name: member.name, reason: reason, workers: members.count)))
    guard !leases.isEmpty, !shutdown.hasBegun else { return }
    course.audit.leasesReissued += UInt64(leases.count)
    effects.append(.report(.reissued(leases.count, reason: "their holder is no longer a member")))
  }

  /// Makes the work of a lease without a holder available again.
  mutating func withdraw(_ lease: Lease) {
    if !leaseAudit.reopen(lease.id) { course.reopen(lease.work) }
  }

  // MARK: Deadlines

  /// Evicts members that are silent or stalled, and sends heartbeats.
  mutating func checkDeadlines(hasBacklog: Bool, at now: Moment, effects: inout [Effect]) {
    while let peer = liveness.nextDue(at: now) {
      guard let member = members[peer] else { continue }
      let action = liveness.action(
        for: member, isHolding: ledger.count(heldBy: peer) > 0,
        limit: grants.leaseLimit(of: member, least: timing.lease, samples: batchSamples),
        hasBacklog: hasBacklog, at: now)
      switch action {
      case .evict(let reason, let refusal):
        evict(peer, reason: reason, refusal: refusal, effects: &effects)
        continue
      case .heartbeat where !shutdown.isAnnounced:
        sendHeartbeat(to: peer, at: now, effects: &effects)
      case .heartbeat, nil: break
      }
      if let member = members[peer] { liveness.schedule(member, at: now) }
    }
  }

  /// Sends every member a heartbeat if connections have closed: the send to a closed one fails.
  mutating func probe(at now: Moment, effects: inout [Effect]) {
    guard liveness.takeProbe(members: members.count, at: now) else { return }
    for member in members.members where member.channel.acceptsHeartbeat {
      sendHeartbeat(to: member.peer, at: now, effects: &effects)
    }
  }

  private mutating func sendHeartbeat(
    to peer: PeerID, at now: Moment, effects: inout [Effect]
  ) {
    send(.heartbeat(progress), to: peer, at: now, effects: &effects)
  }

  /// The progress of the run: the number of samples in the weights.
  var progress: Heartbeat {
    Heartbeat(progress: min(version * UInt64(plan.batchSize), plan.positionCount))
  }

  /// Number of samples in a batch.
  var batchSamples: UInt64 { UInt64(plan.batchSize) }
}

extension Duration {
  /// Whole milliseconds, clamped to the range of a message field.
  var milliseconds: UInt32 {
    let (seconds, attoseconds) = components
    let bounded = min(max(seconds, 0), Int64(UInt32.max))
    return UInt32(clamping: bounded * 1000 + attoseconds / 1_000_000_000_000_000)
  }
}
