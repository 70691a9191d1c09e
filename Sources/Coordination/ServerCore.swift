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
package struct ServerCore: Sendable {
  /// An input of the server.
  package enum Event: Sendable {
    /// A message arrived from a peer.
    case received(NumberedMessage, from: PeerID)
    /// A peer sent bytes that are not a valid message.
    case malformed(PeerID, reason: String)
    /// A message could not be sent because the peer's connection closed or its queue is full.
    case unreachable(PeerID)
    /// A connection closed; which one is not known.
    case disconnected
    /// No more workers will be started for this server.
    case workersExhausted
    /// Time has passed.
    case tick
    /// A request to end the run early.
    case stop(reason: String)
  }

  /// An output of the server; effects are performed in order.
  package enum Effect: Sendable {
    /// Send a message to a peer.
    case send(NumberedMessage, to: PeerID)
    /// Write a checkpoint of this state.
    case checkpoint(ServerState)
    /// Log or display a report.
    case report(Report)
    /// The run has ended and its workers have been notified.
    case finish(Outcome)
  }

  /// The end of the run: it has an outcome, and members are drained.
  struct Ending: Sendable {
    let outcome: Outcome
    let reason: String
    let since: Moment
    var isAnnounced = false
    var isOver = false
  }

  /// The settings of the run.
  package let settings: TrainingSettings
  /// The division of the epochs into batches and slices.
  package let plan: BatchPlan
  /// The policy for workers and checkpoints.
  package let policy: Policy
  /// The weights and the optimizer's moments.
  package internal(set) var optimizer: Optimizer
  /// The batches that are in the weights.
  package internal(set) var applied: AppliedBatches
  /// Counters of applied samples and of results that were not applied.
  package internal(set) var audit: Audit
  /// The workers with an active session.
  package internal(set) var members = Membership()

  let dataset: DatasetDescription
  let shape: ModelShape
  let check: ResultCheck
  /// The outstanding leases.
  package internal(set) var ledger: Ledger
  var stage = Stage.over
  var ending: Ending?
  var encodedWeights: (version: UInt64, tensor: EncodedTensor)?
  var pace = Pace()
  var lastHeartbeat: Moment?
  /// Time of the second probe for closed connections.
  var nextProbe: Moment?
  /// Senders of non-finite results since the last update, one entry per result.
  var nonFiniteSenders: [PeerID] = []
  /// Incarnations of workers that are not admitted again.
  var quarantined: Set<WorkerIncarnation> = []
  var attendance = Attendance()
  var lastCheckpoint: (version: UInt64, isEvaluated: Bool, time: Moment?)

  /// Creates a server that continues from `state`, which may be the initial state of a run.
  ///
  /// - Parameters:
  ///   - dataset: the dataset of the state.
  ///   - incarnation: a random number that identifies this incarnation of the server.
  package init(
    _ state: ServerState, dataset: DatasetDescription, incarnation: UInt64,
    policy: Policy = Policy()
  ) {
    settings = state.settings
    plan = BatchPlan(recipe: settings.recipe, sampleCount: dataset.training)
    self.dataset = dataset
    self.policy = policy
    shape = state.optimizer.shape
    optimizer = state.optimizer
    applied = state.applied
    audit = state.audit
    lastCheckpoint = (state.optimizer.step, state.isEvaluated, nil)
    check = ResultCheck(width: shape.layout.count, plan: plan)
    ledger = Ledger(incarnation: incarnation)
    stage = nextStage(evaluated: state.isEvaluated)
  }

  /// The weights version: number of updates in the current weights.
  package var version: UInt64 { optimizer.step }

  /// The state from which a server can resume the run.
  package var state: ServerState {
    ServerState(
      settings: settings, dataset: dataset.fingerprint, optimizer: optimizer, applied: applied,
      audit: audit, isEvaluated: stage.isAfterEvaluation)
  }

  var timing: Timing { policy.timing }

  /// Handles an event and appends the resulting effects.
  package mutating func handle(_ event: Event, at now: Moment, effects: inout [Effect]) {
    if ending?.isOver == true { return }
    switch event {
    case .received(let message, let peer):
      receive(message, from: peer, at: now, effects: &effects)
    case .malformed(let peer, let reason):
      effects.append(.report(.ignored(peer: peer, reason: reason)))
      evict(peer, reason: reason, refusal: .malformed, effects: &effects)
    case .unreachable(let peer):
      evict(peer, reason: "its connection was lost", effects: &effects)
    case .disconnected:
      probe(at: now, effects: &effects)
    case .workersExhausted:
      attendance.workersExhausted = true
    case .tick:
      tick(at: now, effects: &effects)
    case .stop(let reason):
      end(.stopped, reason: reason, at: now, effects: &effects)
    }
    advance(at: now, effects: &effects)
    checkAttendance(at: now, effects: &effects)
    grant(at: now, effects: &effects)
    checkpointIfDue(at: now, effects: &effects)
    drain(effects: &effects)
    finishIfEnded(at: now, effects: &effects)
  }

  private mutating func receive(
    _ numbered: NumberedMessage, from peer: PeerID, at now: Moment, effects: inout [Effect]
  ) {
    let message = numbered.message
    guard var numbers = members[peer]?.numbers else {
      processFromStranger(numbered, from: peer, at: now, effects: &effects)
      return
    }
    let order = numbers.receive(numbered.number)
    members.update(peer) {
      $0.numbers = numbers
      $0.lastReceived = now
    }
    switch (order, message) {
    case (.gap, _):
      evict(
        peer, reason: "messages were lost in transit", refusal: .unknownMember, effects: &effects)
    case (.next, _), (.repeated, .push):  // the ledger classifies repeated results
      process(message, from: peer, at: now, effects: &effects)
    case (.repeated, _): break
    }
  }

  /// Handles a message from a peer that is not a member.
  private mutating func processFromStranger(
    _ numbered: NumberedMessage, from peer: PeerID, at now: Moment, effects: inout [Effect]
  ) {
    switch numbered.message {
    case .hello(let hello):
      admit(hello, number: numbered.number, from: peer, at: now, effects: &effects)
    case .farewell: break
    case .push:  // of a former session or an earlier incarnation of the server
      audit.staleRefused += 1
      effects.append(.report(.rejected(name: "\(peer)", verdict: .stale)))
      fallthrough
    default:  // not reported, so that strangers cannot fill the log
      let refusal = Refusal(reason: .unknownMember, detail: "send a hello first")
      effects.append(.send(NumberedMessage(.refusal(refusal), number: 0), to: peer))
    }
  }

  private mutating func process(
    _ message: Message, from peer: PeerID, at now: Moment, effects: inout [Effect]
  ) {
    switch message {
    case .hello(let hello):
      evict(peer, reason: "it sent a second hello", effects: &effects)
      admit(hello, number: 0, from: peer, at: now, effects: &effects)
    case .ready:
      let least = members.leastCompleted
      members.update(peer) {
        if !$0.isReady { $0.completed = max($0.completed, least ?? 0) }
        $0.isReady = true
      }
    case .farewell(let farewell):
      leave(peer, reason: farewell.reason, effects: &effects)
    case .push(let push):
      sendVerdict(to: peer, effects: &effects)
      let verdict = settle(push.result, from: peer, at: now, effects: &effects)
      let answer = LeaseVerdict(id: push.result.id, verdict: verdict)
      members.update(peer) {
        $0.verdict = answer
        $0.lastProgress = now
      }
    case .heartbeat(let heartbeat):
      members.update(peer) {
        if $0.progress != heartbeat.progress { $0.lastProgress = now }
        $0.progress = heartbeat.progress
      }
    case .welcome, .refusal, .grant, .drain:
      evict(
        peer, reason: "only a server may send this message", refusal: .malformed, effects: &effects)
    }
  }
}
