package import Learning
import Numerics
package import Wire

/// The identity and size of the dataset that the server trains on.
package struct DatasetDescription: Sendable, Equatable {
  /// Text that identifies the content; workers must have the same (see the welcome message).
  package let fingerprint: String
  /// Number of samples in each split.
  package let training: Int, validation: Int, test: Int

  /// Creates a description from its parts.
  package init(fingerprint: String, training: Int, validation: Int, test: Int) {
    self.fingerprint = fingerprint
    self.training = training
    self.validation = validation
    self.test = test
  }
}

/// The parameter server as a pure state machine: it receives events and the current time, and
/// appends effects to a list. It has no clock, socket, file or thread.
///
/// It is a sequence of small machines, each a value type: ``Membership``, `Admission`, `Liveness`,
/// `Course`, `Grants`, `Arbitration`, `LeaseAudit`, `Quorum`, `CheckpointSchedule` and `Shutdown`.
/// The order of an event through them is that of ``handle(_:at:effects:)``. Every event takes time
/// that does not grow with the number of workers, or with its logarithm, except a new version of
/// the weights.
package struct ServerCore: Sendable {
  /// An input of the server.
  package enum Event: Sendable {
    /// A message arrived from a peer, whose credential is nil where peers have no keys.
    case received(NumberedMessage, from: PeerID, by: Credential? = nil)
    /// A peer sent bytes that are not a valid message.
    case malformed(PeerID, reason: String)
    /// A message could not be sent because the peer's connection closed.
    case unreachable(PeerID)
    /// A message could not be sent because the queue to the peer is full, which happens only if the
    /// peer violates the protocol (see ``Policy/queueLength``).
    case queueFull(PeerID)
    /// Connections closed; which ones is not known.
    case disconnected
    /// No more workers will be started for this server.
    case workersExhausted
    /// A requested checkpoint was written, or could not be written.
    case checkpointed(version: UInt64, isEvaluated: Bool, succeeded: Bool)
    /// The server has computed a lease itself.
    case recomputed(LeaseResult)
    /// Time has passed.
    case tick
    /// Time has passed, and received messages are waiting, so that silence cannot be judged.
    case tickWithBacklog
    /// A request to end the run early.
    case stop(reason: String)
  }

  /// An output of the server; effects are performed in order.
  package enum Effect: Sendable {
    /// Send a message to a peer.
    case send(NumberedMessage, to: PeerID)
    /// Close the connection of a peer without a session, after the messages to it.
    case disconnect(PeerID)
    /// Write a checkpoint of this state.
    case checkpoint(ServerState)
    /// Compute a lease with these weights, in the server's process and in the background.
    case recompute(Lease, weights: PiecewiseVector)
    /// Log or display a report.
    case report(Report)
    /// The run has ended and its workers have been notified.
    case finish(Outcome)
  }

  /// The policy for workers and checkpoints.
  package let policy: Policy
  /// The workers with an active session.
  package internal(set) var members = Membership()
  /// The next time at which the server needs a tick in addition to the regular ones.
  package private(set) var nextTick: Moment?
  /// Whether more workers may still be started for this server.
  package private(set) var workersMayCome = true

  let dataset: DatasetDescription
  let check: ResultCheck
  var course: Course
  var grants: Grants
  var admission: Admission
  var liveness: Liveness
  var quorum: Quorum
  var arbitration = Arbitration()
  var leaseAudit: LeaseAudit
  /// The workers with unaudited results in the weights and in the current step.
  var contributors: Contributors
  var schedule: CheckpointSchedule
  var shutdown = Shutdown()
  var recent = RecentProgress()

  /// Creates a server that continues from `state`, which may be the initial state of a run.
  ///
  /// - Parameters:
  ///   - dataset: the dataset of the state.
  ///   - incarnation: a random number that identifies this incarnation of the server.
  ///   - auditSeed: a secret random number that determines which leases are audited.
  package init(
    _ state: ServerState, dataset: DatasetDescription, incarnation: UInt64,
    policy: Policy = Policy(), auditSeed: UInt64 = 0
  ) {
    self.dataset = dataset
    self.policy = policy
    course = Course(
      state, dataset: dataset, finalEvaluation: policy.finalEvaluation, transfers: policy.transfers)
    check = ResultCheck(plan: course.plan, kernels: state.optimizer.kernels)
    grants = Grants(incarnation: incarnation, bound: state.settings.stalenessBound)
    admission = Admission(
      dataset: dataset.fingerprint, settings: state.settings,
      maximumWorkers: policy.maximumWorkers, quarantine: state.quarantine)
    liveness = Liveness(timing: policy.timing)
    let audits = state.settings.mode == .sync
    leaseAudit = LeaseAudit(share: audits ? policy.auditShare : 0, seed: auditSeed)
    contributors = state.contributors
    quorum = Quorum(startWith: policy.startWith, floor: policy.minimumWorkers)
    schedule = CheckpointSchedule(
      interval: policy.checkpoints, version: state.optimizer.step, isEvaluated: state.isEvaluated)
  }

  /// The settings of the run.
  package var settings: TrainingSettings { course.settings }
  /// The division of the epochs into batches and slices.
  package var plan: BatchPlan { course.plan }
  /// The weights and the optimizer's moments.
  package var optimizer: Optimizer { course.optimizer }
  /// The batches that are in the weights.
  package var applied: AppliedBatches { course.applied }
  /// Counters of applied samples and of results that were not applied.
  package var audit: Audit { course.audit }
  /// The outstanding leases.
  package var ledger: Ledger { grants.ledger }
  /// The smallest number of training leases answered by any member that is ready and not slow.
  package var leastCompleted: UInt64? { grants.leastCompleted }
  /// The weights version: number of updates in the current weights.
  package var version: UInt64 { course.version }

  /// The state from which a server can resume the run.
  package var state: ServerState {
    ServerState(
      settings: settings, dataset: dataset.fingerprint, optimizer: optimizer, applied: applied,
      audit: audit, isEvaluated: course.isEvaluated, quarantine: admission.quarantine,
      contributors: contributors.upTo(version))
  }

  var timing: Timing { policy.timing }

  /// Handles an event and appends the resulting effects.
  package mutating func handle(_ event: Event, at now: Moment, effects: inout [Effect]) {
    if shutdown.isOver || handleQuickly(event, at: now, effects: &effects) { return }
    let first = effects.count
    switch event {
    case .received(let message, let peer, let credential):
      receive(message, from: peer, by: credential, at: now, effects: &effects)
    case .malformed(let peer, let reason):
      effects.append(.report(.ignored(peer: peer, reason: reason)))
      if members[peer] == nil { effects.append(.disconnect(peer)) }
      evict(peer, reason: reason, refusal: .malformed, effects: &effects)
    case .unreachable(let peer):
      evict(peer, reason: "its connection was lost", effects: &effects)
    case .queueFull(let peer):
      evict(peer, reason: "it does not read its messages", effects: &effects)
    case .disconnected: liveness.connectionsClosed(members: members.count, at: now)
    case .workersExhausted: workersMayCome = false
    case .checkpointed(let version, let isEvaluated, let succeeded):
      schedule.confirm(
        version: version, isEvaluated: isEvaluated, succeeded: succeeded, at: now)
    case .recomputed(let result): recomputed(result, at: now, effects: &effects)
    case .tick: checkDeadlines(hasBacklog: false, at: now, effects: &effects)
    case .tickWithBacklog: checkDeadlines(hasBacklog: true, at: now, effects: &effects)
    case .stop(let reason): end(.stopped, reason: reason, at: now, effects: &effects)
    }
    probe(at: now, effects: &effects)
    let hasNewStage = advance(at: now, effects: &effects)
    attend(at: now, effects: &effects)
    grant(hasNewStage: hasNewStage, at: now, effects: &effects)
    checkpointIfDue(at: now, effects: &effects)
    finish(at: now, effects: &effects)
    nextTick = [liveness.nextTick, grants.nextTick].compactMap { $0 }.min()
    for case .report(let report) in effects[first...] { recent.note(report, at: now) }
  }

  /// Handles an event that changes nothing but the session of its sender: a piece that does not
  /// complete a gradient, a heartbeat, or an acknowledgement.
  ///
  /// - Returns: false if the event is another one, and nothing was done.
  private mutating func handleQuickly(
    _ event: Event, at now: Moment, effects: inout [Effect]
  ) -> Bool {
    guard case .received(let message, let peer, _) = event,
      members.update(peer, { $0.receiveQuietly(message, at: now) }) == true
    else { return false }
    sendPieces(to: peer, at: now, effects: &effects)
    return true
  }

  // MARK: Advancing

  /// Performs what is due in the course: the update, the end of an evaluation, the end of the run.
  ///
  /// - Returns: whether another stage has begun.
  private mutating func advance(at now: Moment, effects: inout [Effect]) -> Bool {
    guard !shutdown.hasBegun else { return false }
    let change = course.advance(workers: members.count)
    record(change, at: now, effects: &effects)
    if course.stage == nil {
      end(.completed, reason: "the run is complete", at: now, effects: &effects)
    }
    return change.hasNewStage
  }

  /// Reports a change of the course, and ends a run whose weights cannot be updated any more.
  mutating func record(_ change: Course.Change, at now: Moment, effects: inout [Effect]) {
    for report in change.reports { effects.append(.report(report)) }
    guard let reason = change.divergence else { return }
    diverge(reason, at: now, effects: &effects)
  }

  /// Ends the run because the training diverged.
  mutating func diverge(_ reason: String, at now: Moment, effects: inout [Effect]) {
    guard !shutdown.hasBegun else { return }
    effects.append(.report(.diverged(reason: reason)))
    end(.diverged(step: version), reason: "the training diverged", at: now, effects: &effects)
  }

  /// Reports when the run waits for workers, and ends it when it has waited too long or none can
  /// come.
  private mutating func attend(at now: Moment, effects: inout [Effect]) {
    guard !shutdown.hasBegun else { return }
    quorum.update(ready: members.readyCount)
    if let (needed, present) = quorum.report() {
      effects.append(.report(.waiting(needed: needed, present: present, names: someNames)))
    }
    let isAbandoned = !workersMayCome && members.count == 0
    guard isAbandoned || quorum.absence(at: now, limit: timing.absence) else { return }
    end(.abandoned, reason: "too few workers remain", at: now, effects: &effects)
  }

  /// The names of the members, unless there are many.
  private var someNames: [String] {
    members.count <= 16 ? members.members.map(\.name) : []
  }

  // MARK: Checkpoints

  private mutating func checkpointIfDue(at now: Moment, effects: inout [Effect]) {
    guard !shutdown.hasBegun, schedule.isDue(version: version, at: now) else { return }
    requestCheckpoint(at: now, effects: &effects)
  }

  /// Requests a checkpoint unless the state is stored or being stored.
  private mutating func requestCheckpoint(at now: Moment, effects: inout [Effect]) {
    guard schedule.request(version: version, isEvaluated: course.isEvaluated, at: now) else {
      return
    }
    effects.append(.checkpoint(state))
  }

  // MARK: The end

  /// Begins the end of the run; no more work is granted.
  private mutating func end(
    _ outcome: Outcome, reason: String, at now: Moment, effects: inout [Effect]
  ) {
    guard !shutdown.hasBegun else { return }
    requestCheckpoint(at: now, effects: &effects)
    shutdown.begin(outcome, reason: reason, at: now)
    course.stop()
  }

  /// Announces the end to the members, and finishes once they have left. The members of a run that
  /// another server may resume look for that server, as after a crash; those of a complete run end,
  /// so the announcement waits until its last state is stored.
  private mutating func finish(at now: Moment, effects: inout [Effect]) {
    let isDue = shutdown.takeAnnouncement(
      isStored: !schedule.isWriting, farewell: timing.farewell, at: now)
    if isDue {
      for member in members.members {
        if shutdown.isFinal {
          send(.drain(Drain(reason: shutdown.reason)), to: member.peer, at: now, effects: &effects)
        } else {
          evict(
            member.peer, reason: shutdown.reason, refusal: .unknownMember, effects: &effects)
        }
      }
    }
    let outcome = shutdown.finished(members: members.count, farewell: timing.farewell, at: now)
    if let outcome { effects.append(.finish(outcome)) }
  }
}
