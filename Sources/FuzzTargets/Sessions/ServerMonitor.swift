import Coordination
import Learning
import Wire

/// The rules of a server that hold after every event, whatever its peers send.
struct ServerMonitor {
  private let run: TinyRun
  /// The weights of every version in mode `sync`, as long as they are compared.
  private var weights: [[Float]]
  private var version: UInt64 = 0
  private var isFinished = false
  /// The number of the last message to each peer.
  private var sent: [PeerID: UInt32] = [:]
  private var works: [LeaseID: Work] = [:]

  /// The leases of one worker, at most: two of an evaluation, and a copy.
  private static let mostLeases = 3
  /// The effects of one event, at most: all pieces of the weights to every member, and reports.
  private static let mostEffects = 200

  /// Creates the rules at the start of a run.
  init(_ run: TinyRun) {
    self.run = run
    weights = run.settings.mode == .sync ? run.synchronousWeights : []
  }

  /// Compares no further weights: a peer may have sent a gradient that is wrong and valid.
  mutating func stopComparingWeights() { weights = [] }

  /// Checks one event, after the server has handled it.
  mutating func check(
    _ event: ServerCore.Event, _ effects: [ServerCore.Effect], _ core: ServerCore,
    _ peers: [ScriptedPeer], at now: Moment
  ) throws(Finding) {
    try require(!isFinished || effects.isEmpty, "a finished server has effects")
    try require(effects.count <= Self.mostEffects, "\(effects.count) effects of one event")
    try checkUpdates(effects, core)
    for effect in effects {
      switch effect {
      case .send(let message, let peer): try checkSent(message, to: peer, core, peers)
      case .checkpoint(let state):
        try require(state.optimizer.step == core.version, "a checkpoint is of another version")
      case .finish(let outcome): try finish(outcome, core)
      case .report, .disconnect, .recompute: break
      }
    }
    try checkMembers(core)
    if case .tick = event, effects.isEmpty, let next = core.nextTick, !isFinished {
      try require(next > now, "a tick has no effect, and the next one is due")
    }
  }

  private mutating func finish(_ outcome: Outcome, _ core: ServerCore) throws(Finding) {
    isFinished = true
    try require(
      outcome != .completed || core.version == run.plan.steps,
      "a run is complete after \(core.version) updates")
  }

  private mutating func checkUpdates(
    _ effects: [ServerCore.Effect], _ core: ServerCore
  ) throws(Finding) {
    let steps = effects.reduce(0) { count, effect in
      if case .report(.stepped) = effect { count + 1 } else { count }
    }
    try require(
      steps <= 1 && core.version == version + UInt64(steps),
      "\(steps) updates from version \(version) to \(core.version)")
    version = core.version
    let applied = (0..<run.plan.steps).filter(core.applied.contains)
    let samples = applied.reduce(0) { $0 + run.plan.size(ofBatch: $1) }
    try require(
      UInt64(applied.count) == version && core.audit.samplesApplied == UInt64(samples)
        && core.audit.isBalanced(epochSize: UInt64(run.dataset.training)),
      "\(applied.count) batches of \(samples) samples at version \(version), \(core.audit)")
    guard steps > 0, !weights.isEmpty else { return }
    try require(
      core.optimizer.weights == weights[Int(version)],
      "version \(version) differs from the undisturbed run")
  }

  private mutating func checkSent(
    _ message: NumberedMessage, to peer: PeerID, _ core: ServerCore, _ peers: [ScriptedPeer]
  ) throws(Finding) {
    switch message.message {
    case .refusal(let refusal):
      try require(message.number == 0, "a refusal has the number \(message.number)")
      let isBlamed = refusal.reason == .malformed || refusal.reason == .quarantined
      let isHonest = peers.first { $0.id == peer }?.isHonest == true
      try require(!isBlamed || !isHonest, "an honest worker is refused: \(refusal.detail)")
      return
    case .status:
      try require(message.number == 0, "a status has the number \(message.number)")
      return
    case .welcome: sent[peer] = 0
    case .grant(let grant): try checkGrant(grant)
    default: break
    }
    try require(
      message.number == sent[peer, default: 0] + 1, "message \(message.number) is out of order")
    sent[peer] = message.number
  }

  private mutating func checkGrant(_ grant: Grant) throws(Finding) {
    for lease in grant.leases {
      try require(
        works.updateValue(lease.work, forKey: lease.id) ?? lease.work == lease.work,
        "lease \(lease.id) is of two works")
      try require(run.result(of: lease) != nil, "the run has no work \(lease.work)")
      try require(
        lease.version == grant.version && lease.version <= version, "a lease has another version")
    }
  }

  private func checkMembers(_ core: ServerCore) throws(Finding) {
    try require(
      core.members.count <= run.policy.maximumWorkers, "\(core.members.count) members")
    try require(
      core.ledger.holderCount <= core.members.count, "a peer without a session holds leases")
    let window = max(run.policy.transfers.windowBytes, 4 * run.policy.transfers.pieceElements)
    for member in core.members.members {
      let leases = core.ledger.count(heldBy: member.peer)
      try require(leases <= Self.mostLeases, "a worker holds \(leases) leases")
      try require(
        member.channel.bytesUnderWay <= window,
        "\(member.channel.bytesUnderWay) bytes under way exceed the window of \(window)")
    }
  }
}
