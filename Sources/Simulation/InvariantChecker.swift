import Coordination
import Learning
import Wire

/// Checks the invariants of a server by its events and effects, with an independent record.
///
/// The record is a history of updates from the first to the current one. When a server resumes from
/// a checkpoint, later updates are removed from the history, and may be repeated.
struct InvariantChecker {
  /// A lease granted by the current incarnation of the server.
  struct Granted {
    let work: Work
    /// The weights granted to each holder.
    var weights: [PeerID: LoadedWeights] = [:]
    /// Digest of the weights of the accepted result.
    var accepted: UInt64?
    var isFulfilled = false
  }

  let scenario: Scenario
  let model: SimulatedModel
  private let undisturbedRun: UndisturbedRun?
  /// Digests of the weights and of the complete optimizer state, by version.
  var history: [(weights: UInt64, state: UInt64)] = []
  /// The batches in the history, and the number of their samples.
  var batches: Set<UInt64> = []
  var samples = 0
  /// The applied slices of incomplete batches.
  var slices: [UInt64: Set<UInt32>] = [:]
  var leases: [LeaseID: Granted] = [:]
  var arrived = ArrivedResults()
  /// The evaluated versions in the history.
  var evaluated: Set<UInt64> = []
  /// Results of each member that have arrived completely and have no verdict, with the time of
  /// their arrival.
  var unanswered: [PeerID: [LeaseID: Moment]] = [:]
  /// The workers with an accepted result of work that is not in the weights: two if it is audited.
  var authors: [Work: [PeerID]] = [:]
  /// The leases whose results have a wrong bit.
  var wrongGradients: Set<LeaseID> = []
  /// The first step whose update may contain such a result.
  var firstWrongStep: UInt64?
  /// Work with a result that was not finite; it may be leased again with the weights of that time.
  var disputed: Set<Work> = []
  /// The version of the last checkpoint on disk, and the time of a failed write that was not
  /// repeated.
  var stored: UInt64 = 0, failedWrite: Moment?
  /// Whether the members have received a drain.
  var isEnding = false
  /// The number of heartbeats sent to each peer since a time.
  var heartbeats: [PeerID: (since: Moment, count: Int)] = [:]

  /// The number of members up to which all of them are checked after every event.
  private static let smallNumber = 5

  init(_ scenario: Scenario) {
    self.scenario = scenario
    model = scenario.model
    undisturbedRun = scenario.settings.mode == .sync ? UndisturbedRun(scenario) : nil
  }

  var version: UInt64 { UInt64(history.count - 1) }

  /// Checks the state with which a server starts, and removes later updates from the history.
  mutating func restart(from state: ServerState) throws(Violation) {
    let version = Int(state.optimizer.step)
    let digest = state.optimizer.stateDigest
    if history.isEmpty { history = [(state.optimizer.weightsDigest, digest)] }
    try require(
      version < history.count && history[version].state == digest, .checkpoints,
      "the state of version \(version) differs from the one applied before")
    history.removeLast(history.count - 1 - version)
    evaluated = evaluated.filter { $0 <= version }
    batches = Set((0..<model.plan.steps).filter(state.applied.contains))
    samples = batches.reduce(0) { $0 + model.plan.size(ofBatch: $1) }
    (slices, leases, authors) = ([:], [:], [:])
    if let first = firstWrongStep, first > version { firstWrongStep = nil }
    (stored, failedWrite, isEnding) = (state.optimizer.step, nil, false)
    disputed = []
    unanswered = [:]
    heartbeats = [:]
    arrived = ArrivedResults()
    try require(
      batches.count == version, .checkpoints, "version \(version) has \(batches.count) batches")
  }

  /// Checks an event and its effects after the server has handled it.
  mutating func check(
    _ event: ServerCore.Event, _ effects: [ServerCore.Effect], _ core: ServerCore,
    at moment: Moment
  ) throws(Violation) {
    if case .tick = event, effects.isEmpty, let next = core.nextTick {
      try require(next > moment, .idle, "a tick has no effect, and the next one is due now")
    }
    var result = try checkArrival(event, effects, core, at: moment)
    if case .recomputed(let own) = event {
      noteOwnResult(own)
      result = own
    }
    try checkUpdates(effects, core, result)
    for effect in effects {
      switch effect {
      case .send(let message, let peer):
        guard case .grant(let grant) = message.message else { continue }
        for lease in grant.leases { try checkGrant(lease, to: peer, core) }
      case .report(.evaluated(let step, let found)): try checkEvaluation(step, found)
      case .recompute, .report, .disconnect: break
      case .checkpoint(let state): try checkCheckpoint(state)
      case .finish(let outcome): try checkOutcome(outcome, core)
      }
    }
    try checkWrites(event, effects, at: moment)
    if isTick(event) { try checkAnswers(core, at: moment) }
    try checkCost(event, effects, at: moment)
    try checkCounters(core)
    if isTick(event) || core.members.count <= Self.smallNumber { try checkMembers(core) }
  }

  func isTick(_ event: ServerCore.Event) -> Bool {
    if case .tick = event { true } else { false }
  }

  /// Returns the verdict on a result that was sent or is about to be sent.
  static func verdict(
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
      throw Violation(.oneUpdate, "version \(core.version) was created without a result")
    }
    try checkUpdate(batch, report, of: result)
    history.append((core.optimizer.weightsDigest, core.optimizer.stateDigest))
    guard let undisturbedRun, version < firstWrongStep ?? .max else { return }
    try require(
      undisturbedRun.digests[Int(version)] == history[Int(version)].state, .sameBits,
      "version \(version) differs from the undisturbed run")
  }
}
