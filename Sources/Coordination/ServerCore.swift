public import Learning
import Tensors
public import Wire

/// The dataset as the server knows it: what workers must have too, and how much of it there is.
public struct DatasetDescription: Sendable, Equatable {
  /// Text that differs when the content differs; see the welcome.
  public let fingerprint: String
  /// Samples in each split.
  public let training: Int, validation: Int, test: Int

  /// A dataset of this content and size.
  public init(fingerprint: String, training: Int, validation: Int, test: Int) {
    self.fingerprint = fingerprint
    self.training = training
    self.validation = validation
    self.test = test
  }
}

/// The parameter server as a pure state machine: it is handed events and a time, and appends what
/// is to be done to a list of effects. It has no clock, no socket, no file and no thread.
public struct ServerCore: Sendable {
  /// What may happen to a server.
  public enum Event: Sendable {
    /// A message came from a peer.
    case received(Message, from: PeerID)
    /// Bytes came from a peer that are no message.
    case malformed(PeerID, reason: String)
    /// A message could not be sent because the peer is gone or does not read.
    case unreachable(PeerID)
    /// Time has passed.
    case tick
    /// The run is to end early.
    case stop(reason: String)
  }

  /// What a server wants done, in this order.
  public enum Effect: Sendable {
    /// Send a message to a peer.
    case send(Message, to: PeerID)
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
  public let settings: TrainingSettings
  /// How batches and slices are cut out of the epochs.
  public let plan: BatchPlan
  /// The weights and the optimizer's moments.
  public internal(set) var optimizer: Optimizer
  /// The workers there are.
  public internal(set) var members = Membership()

  let dataset: DatasetDescription
  let shape: ModelShape
  let timing: Timing
  let check: ResultCheck
  var ledger: Ledger
  var stage = Stage.over
  var ending: Ending?
  var encodedWeights: (version: UInt64, tensor: EncodedTensor)?
  var lastHeartbeat: Moment?
  /// Who sent NaN or infinity since the last update, once for each time.
  var poisoners: [PeerID] = []

  /// A server at the start of a run.
  ///
  /// - Parameters:
  ///   - shape: the model's shape, from the recipe and the dataset.
  ///   - optimizer: the initial weights and moments; `optimizer.step` updates were made already.
  ///   - incarnation: a number that tells this run of the server from every other.
  public init(
    settings: TrainingSettings, shape: ModelShape, dataset: DatasetDescription,
    optimizer: Optimizer, incarnation: UInt64, timing: Timing = Timing()
  ) {
    plan = BatchPlan(recipe: settings.recipe, sampleCount: dataset.training)
    self.settings = settings
    self.shape = shape
    self.dataset = dataset
    self.optimizer = optimizer
    self.timing = timing
    check = ResultCheck(width: shape.layout.count, plan: plan)
    ledger = Ledger(incarnation: incarnation)
    stage = nextStage(evaluated: true)
  }

  /// Version of the weights: the number of updates made.
  public var version: UInt64 { optimizer.step }

  /// Takes note of an event and appends what is to be done about it.
  public mutating func handle(_ event: Event, at now: Moment, effects: inout [Effect]) {
    if ending?.isOver == true { return }
    switch event {
    case .received(let message, let peer):
      receive(message, from: peer, at: now, effects: &effects)
    case .malformed(let peer, let reason):
      effects.append(.report(.ignored(peer: peer, reason: reason)))
      expel(peer, reason: reason, effects: &effects)
    case .unreachable(let peer):
      lose(peer, reason: "its connection is gone", effects: &effects)
    case .tick:
      tick(at: now, effects: &effects)
    case .stop(let reason):
      end(.stopped, reason: reason, at: now, effects: &effects)
    }
    advance(at: now, effects: &effects)
    grant(effects: &effects)
    drain(effects: &effects)
    finishIfEnded(at: now, effects: &effects)
  }

  private mutating func receive(
    _ message: Message, from peer: PeerID, at now: Moment, effects: inout [Effect]
  ) {
    if case .hello(let hello) = message {
      admit(hello, from: peer, at: now, effects: &effects)
      return
    }
    guard members[peer] != nil else {
      if case .farewell = message { return }
      refuse(peer, name: "\(peer)", .unknownMember, "say hello first", effects: &effects)
      return
    }
    members.update(peer) { $0.lastHeard = now }
    switch message {
    case .ready:
      members.update(peer) { $0.isReady = true }
    case .farewell(let farewell):
      lose(peer, reason: farewell.reason, effects: &effects)
    case .push(let push):
      tellVerdict(to: peer, effects: &effects)
      let verdict = settle(push.result, from: peer, effects: &effects)
      let answer = LeaseVerdict(id: push.result.id, verdict: verdict)
      members.update(peer) { $0.verdict = answer }
    case .heartbeat:
      break
    case .hello, .welcome, .refusal, .grant, .drain:
      expel(peer, reason: "only a server says this", effects: &effects)
    }
  }
}
