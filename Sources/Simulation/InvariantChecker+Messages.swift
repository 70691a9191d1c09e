import Coordination
import Wire

/// Checks of verdicts, and of the number of messages.
extension InvariantChecker {
  /// The maximum number of messages sent for an event that changes nothing for other workers.
  private static let maximumMessages = 4
  /// The maximum number of heartbeats to a peer within a second.
  private static let maximumHeartbeats = 30

  /// Checks an event that may complete a result, and the verdicts in its effects.
  ///
  /// - Returns: The result that was applied, if there is one.
  mutating func checkArrival(
    _ event: ServerCore.Event, _ effects: [ServerCore.Effect], _ core: ServerCore,
    at moment: Moment
  ) throws(Violation) -> LeaseResult? {
    var result: LeaseResult?
    var repeated: LeaseID?
    if case .received(let message, let peer, _) = event {
      if !arrived.receive(message, from: peer), case .push(let push) = message.message {
        repeated = push.id
      }
      for id in arrived.complete(from: peer, width: model.width) where unanswered[peer]?[id] == nil
      {
        unanswered[peer, default: [:]][id] = moment
      }
      try noteDisputes(effects, peer)
      for id in arrived.pending(from: peer) {
        guard let verdict = Self.verdict(on: id, from: peer, effects, core) else { continue }
        let found = arrived.take(id, from: peer)
        guard verdict == .applied, let found else { continue }
        result = found
        try checkResult(found, from: peer, core)
      }
    }
    for case .send(let message, let peer) in effects {
      switch message.message {
      case .grant(let grant): try checkVerdict(of: grant, to: peer, repeated: repeated)
      case .drain: try requireAnswered(peer, "drained")
      default: break
      }
    }
    return result
  }

  /// Records work with a result that is not finite.
  private mutating func noteDisputes(
    _ effects: [ServerCore.Effect], _ peer: PeerID
  ) throws(Violation) {
    for case .report(.disputed) in effects {
      for id in arrived.pending(from: peer) {
        guard let work = leases[id]?.work else { continue }
        disputed.insert(work)
        // An earlier result of audited work is not used.
        guard case .train(let batch, let run) = work, authors[work] != nil else { continue }
        authors[work] = nil
        slices[batch]?.subtract(run)
      }
    }
  }

  private mutating func checkVerdict(
    of grant: Grant, to peer: PeerID, repeated: LeaseID?
  ) throws(Violation) {
    if let id = grant.verdict?.id {
      let isExpected = arrived.answer(id, from: peer)
      try require(
        isExpected || id == repeated, .verdicts, "\(id) gets a verdict without or after its result")
      unanswered[peer]?[id] = nil
    }
    if !grant.leases.isEmpty { try requireAnswered(peer, "granted leases") }
  }

  private func requireAnswered(_ peer: PeerID, _ action: String) throws(Violation) {
    guard let id = unanswered[peer]?.keys.min() else { return }
    throw Violation(.verdicts, "\(peer) is \(action), but \(id) has no verdict")
  }

  /// Checks that no result waits for its verdict for long.
  mutating func checkAnswers(_ core: ServerCore, at moment: Moment) throws(Violation) {
    unanswered = unanswered.filter { core.members[$0.key] != nil && !$0.value.isEmpty }
    for (peer, results) in unanswered {
      for (id, since) in results {
        let seconds = moment.since(since).seconds
        try require(
          seconds < Double(scenario.patience) / 1e6, .verdicts,
          "\(id) of \(peer) has no verdict after \(seconds) s")
      }
    }
  }

  /// Checks the number of messages.
  mutating func checkCost(
    _ event: ServerCore.Event, _ effects: [ServerCore.Effect], at moment: Moment
  ) throws(Violation) {
    var (messages, reports) = (0, 0)
    for effect in effects {
      switch effect {
      case .send(let message, let peer):
        switch message.message {
        case .piece: break  // limited by the window
        case .heartbeat: try countHeartbeat(to: peer, at: moment)
        default: messages += 1
        }
      case .report: reports += 1
      case .checkpoint, .recompute, .disconnect, .finish: break
      }
    }
    guard case .received = event, reports == 0 else { return }
    try require(
      messages <= Self.maximumMessages, .cost, "\(messages) messages are sent for a message")
  }

  private mutating func countHeartbeat(to peer: PeerID, at moment: Moment) throws(Violation) {
    var (since, count) = heartbeats[peer] ?? (moment, 0)
    if moment.since(since) > .seconds(1) { (since, count) = (moment, 0) }
    count += 1
    heartbeats[peer] = (since, count)
    try require(
      count <= Self.maximumHeartbeats, .cost, "\(count) heartbeats to \(peer) within a second")
  }
}
