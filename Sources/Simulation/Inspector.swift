import Coordination
import Learning
import Wire

/// Keeps books of its own about a server, from its events and effects alone, and compares.
///
/// The history is what counts: the updates from the first one to the state there is now. A server
/// that goes on from a checkpoint drops what came after it, and all of that may be done again.
struct Inspector {
  /// A lease of the present life of the server.
  struct Granted {
    let work: Work
    /// The versions with which it was granted, by holder.
    var versions: [PeerID: UInt64]
    var isFulfilled = false
  }

  let scenario: Scenario
  let standIn: StandIn
  private let reference: Reference?
  /// Digests of the weights, and of all the optimizer has, by version.
  var history: [(weights: UInt64, state: UInt64)] = []
  /// Batches in the history, and their samples.
  var batches: Set<UInt64> = []
  var samples = 0
  /// The slices that are in of batches that are not, a bit for each.
  var slices: [UInt64: UInt64] = [:]
  var leases: [LeaseID: Granted] = [:]
  /// Versions of the history that were evaluated.
  var evaluated: Set<UInt64> = []

  init(_ scenario: Scenario) {
    self.scenario = scenario
    standIn = scenario.standIn
    reference = scenario.settings.mode == .sync ? Reference(scenario) : nil
  }

  var version: UInt64 { UInt64(history.count - 1) }

  /// A server begins a life with this state.
  mutating func begin(with state: ServerState) throws(Violation) {
    let version = Int(state.optimizer.step)
    let digest = state.optimizer.stateDigest
    if history.isEmpty { history = [(state.optimizer.weightsDigest, digest)] }
    try require(
      version < history.count && history[version].state == digest, .checkpoints,
      "the state of version \(version) is not the one that was")
    history.removeLast(history.count - 1 - version)
    evaluated = evaluated.filter { $0 <= version }
    batches = Set((0..<standIn.plan.steps).filter(state.applied.contains))
    samples = batches.reduce(0) { $0 + standIn.plan.size(ofBatch: $1) }
    slices = [:]
    leases = [:]
    try require(
      batches.count == version, .checkpoints, "\(batches.count) batches in version \(version)")
  }

  /// The server has handled an event.
  mutating func check(
    _ event: ServerCore.Event, _ effects: [ServerCore.Effect], _ core: ServerCore,
    at moment: Moment
  ) throws(Violation) {
    if case .tick = event, effects.isEmpty, let next = core.nextTick {
      try require(next > moment, .rest, "a tick does nothing, and the next is due at once")
    }
    var result: LeaseResult?
    if case .received(let message, let peer) = event, case .push(let push) = message.message,
      Self.verdict(on: push.result.id, from: peer, effects, core) == .applied
    {
      result = push.result
      try apply(push.result, from: peer)
    }
    try checkUpdates(effects, core, result)
    for effect in effects {
      switch effect {
      case .send(let message, let peer):
        guard case .grant(let grant) = message.message else { continue }
        for lease in grant.leases { try note(lease, to: peer, core) }
      case .report(.evaluated(let step, let found)): try evaluate(step, found)
      case .report: break
      case .checkpoint(let state): try compare(state)
      case .finish(let outcome): try finish(outcome, core)
      }
    }
    try checkBooks(core)
  }

  /// What was said about a result, or is still to be said.
  private static func verdict(
    on id: LeaseID, from peer: PeerID, _ effects: [ServerCore.Effect], _ core: ServerCore
  ) -> Verdict? {
    if let verdict = core.members[peer]?.verdict, verdict.id == id { return verdict.verdict }
    for case .send(let message, peer) in effects.reversed() {
      guard case .grant(let grant) = message.message, let verdict = grant.verdict else { continue }
      if verdict.id == id { return verdict.verdict }
    }
    return nil
  }

  private mutating func checkUpdates(
    _ effects: [ServerCore.Effect], _ core: ServerCore, _ result: LeaseResult?
  ) throws(Violation) {
    let reports = effects.compactMap { effect -> StepReport? in
      if case .report(.stepped(let report)) = effect { report } else { nil }
    }
    try require(
      core.version == version + UInt64(reports.count) && reports.count <= 1, .oneUpdate,
      "version \(core.version) follows \(version) with \(reports.count) updates")
    guard let report = reports.first else { return }
    guard let result, case .train(let batch, _) = leases[result.id]?.work else {
      throw Violation(.oneUpdate, "version \(core.version) comes without a result")
    }
    try enter(batch, report, of: result)
    history.append((core.optimizer.weightsDigest, core.optimizer.stateDigest))
    guard let reference else { return }
    try require(
      reference.digests[Int(version)] == history[Int(version)].state, .sameBits,
      "version \(version) differs from the undisturbed one")
  }
}
