package import Learning
import Numerics
package import Wire

/// The dataset as the server knows it: what workers must have too, and how much of it there is.
package struct DatasetDescription: Sendable, Equatable {
  /// Text that differs when the content differs; see the welcome.
  package let fingerprint: String
  /// Samples in each split.
  package let training: Int, validation: Int, test: Int

  /// A dataset of this content and size.
  package init(fingerprint: String, training: Int, validation: Int, test: Int) {
    self.fingerprint = fingerprint
    self.training = training
    self.validation = validation
    self.test = test
  }
}

/// The parameter server as a pure state machine: it is handed events and a time, and appends what
/// is to be done to a list of effects. It has no clock, no socket, no file and no thread.
package struct ServerCore: Sendable {
  /// What may happen to a server.
  package enum Event: Sendable {
    /// A message came from a peer.
    case received(NumberedMessage, from: PeerID)
    /// Bytes came from a peer that are no message.
    case malformed(PeerID, reason: String)
    /// A message could not be sent because the peer is gone or does not read.
    case unreachable(PeerID)
    /// Some connection has come to its end; it cannot be told whose.
    case disconnected
    /// Whoever started workers for this server starts no more.
    case workersExhausted
    /// Time has passed.
    case tick
    /// The run is to end early.
    case stop(reason: String)
  }

  /// What a server wants done, in this order.
  package enum Effect: Sendable {
    /// Send a message to a peer.
    case send(NumberedMessage, to: PeerID)
    /// Write the state down.
    case checkpoint(ServerState)
    /// Tell somebody about it.
    case report(Report)
    /// The run is over and every worker is told.
    case finish(Outcome)
  }

  /// The run's last act: every worker was told to go.
  struct Ending: Sendable {
    let outcome: Outcome
    let reason: String
    let since: Moment
    var isAnnounced = false
    var isOver = false
  }

  /// What this run computes.
  package let settings: TrainingSettings
  /// How batches and slices are cut out of the epochs.
  package let plan: BatchPlan
  /// How it deals with its workers.
  package let policy: Policy
  /// The weights and the optimizer's moments.
  package internal(set) var optimizer: Optimizer
  /// The batches that are in the weights.
  package internal(set) var applied: AppliedBatches
  /// What reached the weights, and what was kept from them.
  package internal(set) var audit: Audit
  /// The workers there are.
  package internal(set) var members = Membership()

  let dataset: DatasetDescription
  let shape: ModelShape
  let check: ResultCheck
  /// Which leases are out.
  package internal(set) var ledger: Ledger
  var stage = Stage.over
  var ending: Ending?
  var encodedWeights: (version: UInt64, tensor: EncodedTensor)?
  var pace = Pace()
  var lastHeartbeat: Moment?
  /// When to speak to everybody once more, to find out whose connection has ended.
  var nextProbe: Moment?
  /// Who sent NaN or infinity since the last update, once for each time.
  var poisoners: [PeerID] = []
  /// Workers that are not welcomed again.
  var quarantine: Set<WorkerLife> = []
  var attendance = Attendance()
  var lastCheckpoint: (version: UInt64, isEvaluated: Bool, time: Moment?)

  /// A server that goes on from `state`, which may be the beginning of a run.
  ///
  /// - Parameters:
  ///   - dataset: the dataset of the state.
  ///   - incarnation: a number that tells this run of the server from every other.
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

  /// Version of the weights: the number of updates made.
  package var version: UInt64 { optimizer.step }

  /// Everything that a server needs to go on from here.
  package var state: ServerState {
    ServerState(
      settings: settings, dataset: dataset.fingerprint, optimizer: optimizer, applied: applied,
      audit: audit, isEvaluated: stage.isAfterEvaluation)
  }

  /// Leases that a worker may hold at a time, as things are.
  package var leasesInHand: Int { stage.leasesInHand }

  var timing: Timing { policy.timing }

  /// Takes note of an event and appends what is to be done about it.
  package mutating func handle(_ event: Event, at now: Moment, effects: inout [Effect]) {
    if ending?.isOver == true { return }
    switch event {
    case .received(let message, let peer):
      receive(message, from: peer, at: now, effects: &effects)
    case .malformed(let peer, let reason):
      effects.append(.report(.ignored(peer: peer, reason: reason)))
      expel(peer, reason: reason, effects: &effects)
    case .unreachable(let peer):
      lose(peer, reason: "its connection is gone", effects: &effects)
    case .disconnected:
      probe(at: now, effects: &effects)
    case .workersExhausted:
      attendance.isFinal = true
    case .tick:
      tick(at: now, effects: &effects)
    case .stop(let reason):
      end(.stopped, reason: reason, at: now, effects: &effects)
    }
    advance(at: now, effects: &effects)
    attend(at: now, effects: &effects)
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
      meet(numbered, from: peer, at: now, effects: &effects)
      return
    }
    let order = numbers.take(numbered.number)
    members.update(peer) {
      $0.numbers = numbers
      $0.lastHeard = now
    }
    switch (order, message) {
    case (.gap, _):
      refuse(
        peer, name: members[peer]?.name ?? "", .unknownMember,
        "messages were lost on the way; say hello again", effects: &effects)
      lose(peer, reason: "messages were lost on the way", effects: &effects)
    case (.next, _), (.repeated, .push):  // the ledger judges results that come again
      hear(message, from: peer, at: now, effects: &effects)
    case (.repeated, _): break
    }
  }

  /// Hears somebody who is no member.
  private mutating func meet(
    _ numbered: NumberedMessage, from peer: PeerID, at now: Moment, effects: inout [Effect]
  ) {
    switch numbered.message {
    case .hello(let hello):
      admit(hello, number: numbered.number, from: peer, at: now, effects: &effects)
    case .farewell: break
    case .push:  // of a session that is over, or of an earlier life of the server
      audit.staleRefused += 1
      effects.append(.report(.rejected(name: "\(peer)", verdict: .stale)))
      fallthrough
    default:  // not reported: whoever is no member cannot make the server talk
      let refusal = Refusal(reason: .unknownMember, detail: "say hello first")
      effects.append(.send(NumberedMessage(.refusal(refusal), number: 0), to: peer))
    }
  }

  private mutating func hear(
    _ message: Message, from peer: PeerID, at now: Moment, effects: inout [Effect]
  ) {
    switch message {
    case .hello(let hello):
      lose(peer, reason: "it said hello again", effects: &effects)
      admit(hello, number: 0, from: peer, at: now, effects: &effects)
    case .ready:
      let least = members.leastCompleted
      members.update(peer) {
        if !$0.isReady { $0.completed = max($0.completed, least ?? 0) }
        $0.isReady = true
      }
    case .farewell(let farewell):
      lose(peer, reason: farewell.reason, effects: &effects)
    case .push(let push):
      tellVerdict(to: peer, effects: &effects)
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
      expel(peer, reason: "only a server says this", effects: &effects)
    }
  }
}
