import Coordination
import Wire

/// Checks of verdicts, and of the number of messages.
extension InvariantChecker {
  /// The maximum number of messages sent for an event that changes nothing for other workers.
  private static let maximumMessages = 4
  /// The maximum number of heartbeats to a peer within a second.
  private static let maximumHeartbeats = 8

  /// Checks that each result of a member gets one verdict, before or with its next leases.
  mutating func checkVerdicts(
    _ event: ServerCore.Event, _ effects: [ServerCore.Effect], _ core: ServerCore,
    at moment: Moment
  ) throws(Violation) {
    if case .received(let message, let peer) = event, case .push(let push) = message.message,
      core.members[peer] != nil || unanswered[peer] != nil
    {
      unanswered[peer, default: []].append((push.result.id, moment))
    }
    for case .send(let message, let peer) in effects {
      switch message.message {
      case .grant(let grant): try checkVerdict(of: grant, to: peer)
      case .drain(_): try requireAnswered(peer, "drained")
      default: break
      }
    }
    guard case .tick = event else { return }
    unanswered = unanswered.filter { core.members[$0.key] != nil && !$0.value.isEmpty }
    for (peer, results) in unanswered {
      let seconds = moment.since(results[0].since).seconds
      try require(
        seconds < Double(scenario.patience) / 1e6, .verdicts,
        "\(results[0].id) of \(peer) has no verdict after \(seconds) s")
    }
  }

  private mutating func checkVerdict(of grant: Grant, to peer: PeerID) throws(Violation) {
    if let verdict = grant.verdict {
      let index = unanswered[peer]?.firstIndex { $0.id == verdict.id }
      guard let index else {
        throw Violation(.verdicts, "\(verdict.id) gets a verdict without or after its result")
      }
      unanswered[peer]?.remove(at: index)
    }
    if !grant.leases.isEmpty { try requireAnswered(peer, "granted leases") }
  }

  private func requireAnswered(_ peer: PeerID, _ action: String) throws(Violation) {
    guard let result = unanswered[peer]?.first else { return }
    throw Violation(.verdicts, "\(peer) is \(action), but \(result.id) has no verdict")
  }

  /// Checks the number of messages.
  mutating func checkCost(
    _ event: ServerCore.Event, _ effects: [ServerCore.Effect], at moment: Moment
  ) throws(Violation) {
    var (messages, reports) = (0, 0)
    for effect in effects {
      switch effect {
      case .send(let message, let peer):
        messages += 1
        if case .heartbeat = message.message { try countHeartbeat(to: peer, at: moment) }
      case .report: reports += 1
      case .checkpoint, .finish: break
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
