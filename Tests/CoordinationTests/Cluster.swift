import Coordination
import Learning
import Numerics
import Wire

/// A complete run inside the test process: the real server, real workers, a virtual clock, and
/// connections between them that preserve the order of messages. The connection that acts next is
/// fixed or drawn from a seed. Every message is encoded and decoded.
struct Cluster {
  /// The error of a run that did not reach the expected state in time.
  struct TimedOut: Error {
    let version: UInt64
    let outcome: Outcome?
  }

  private enum Action {
    case toServer(Int)
    case toWorker(Int)
    case compute(Int)
    case submit(Int)
    case reportLoss
    case recompute
    case store
  }

  private(set) var server: ServerCore
  var workers: [ScriptedWorker] = []
  private(set) var now = Moment(nanoseconds: 0)
  private(set) var reports: [(report: Report, time: Moment)] = []
  /// The granted leases by id.
  private(set) var granted: [LeaseID: Lease] = [:]
  /// The results that the server applied, in order.
  private(set) var applied: [Push] = []
  private(set) var verdicts: [Verdict] = []
  private(set) var outcome: Outcome?
  /// The states that the server requested to be checkpointed, in order.
  private(set) var checkpoints: [ServerState] = []
  /// The checkpoints whose outcome the server does not know, in order.
  private var storing: [ServerState] = []
  /// Whether the disk stores checkpoints; otherwise their outcomes stay unknown.
  var stores = true

  private let data: TinyData
  private let timing: Timing
  private var random: RandomSource?
  private var turn = 0
  private var nextTick = Moment(nanoseconds: 0)
  private var unreachable: [PeerID] = []
  /// The leases that the server computes itself, with their weights.
  private(set) var recomputing: [(lease: Lease, weights: PiecewiseVector)] = []
  /// Whether the server computes its leases; otherwise they stay in ``recomputing``.
  var recomputes = true
  /// The audited leases that the server has computed.
  private(set) var recomputed: [LeaseID] = []
  private var pushes: [LeaseID: Push] = [:]

  /// Creates a cluster at the start of a run.
  ///
  /// - Parameter shuffle: the seed of the order in which connections act; nil for a fixed order.
  init(
    _ settings: TrainingSettings, workers count: Int, data: TinyData = TinyData(),
    policy: Policy = Policy(), shuffle: UInt64? = nil
  ) {
    let state = ServerState(
      settings: settings, dataset: TinyData.fingerprint, optimizer: settings.initialOptimizer)
    self.init(resuming: state, workers: count, data: data, policy: policy, shuffle: shuffle)
  }

  /// Creates a cluster whose server resumes from a state.
  init(
    resuming state: ServerState, workers count: Int, data: TinyData = TinyData(),
    policy: Policy = Policy(), incarnation: UInt64 = 0xABC, shuffle: UInt64? = nil
  ) {
    self.data = data
    timing = policy.timing
    server = ServerCore(
      state, dataset: data.description, incarnation: incarnation, policy: policy,
      auditSeed: 0x5EC2E7)
    random = shuffle.map { RandomSource(seed: $0, stream: 0xC1) }
    for _ in 0..<count { join() }
  }

  /// The first gradient of each result that a worker pushed.
  var gradients: [LeaseID: [Float]] {
    workers.reduce(into: [:]) { all, worker in all.merge(worker.gradients) { $1 } }
  }

  /// The weights with which each lease was computed.
  var usedWeights: [LeaseID: [Float]] {
    workers.reduce(into: [:]) { all, worker in all.merge(worker.weights) { $1 } }
  }

  /// The bits of the server's weights.
  var weights: Bits { Bits(server.optimizer.weights) }

  /// Starts another worker.
  mutating func join() {
    let number = workers.count
    workers.append(
      ScriptedWorker(
        name: "worker-\(number)", number: number, data: data, timing: timing, at: now))
  }

  /// Kills a worker without notifying the server; messages it has sent may still arrive.
  mutating func kill(_ worker: Int) { workers[worker].isKilled = true }

  /// Kills a worker and reports to the server that its connection closed.
  mutating func disconnect(_ worker: Int) {
    kill(worker)
    workers[worker].outgoing = []
    unreachable.append(workers[worker].peer)
  }

  /// Discards all messages in transit, without notifying either side.
  mutating func dropTraffic() {
    for index in workers.indices {
      workers[index].outgoing = []
      workers[index].incoming = []
    }
  }

  mutating func deliver(_ event: ServerCore.Event) {
    var effects: [ServerCore.Effect] = []
    server.handle(event, at: now, effects: &effects)
    for effect in effects { perform(effect) }
  }

  mutating func deliver(_ worker: Int, _ event: WorkerCore.Event) {
    workers[worker].handle(event, at: now)
  }

  /// Runs until the server and all workers have ended.
  mutating func run() throws {
    try run { $0.outcome != nil && !$0.workers.contains(where: \.isActive) }
  }

  /// Runs until `isReached`, or throws once an hour of virtual time has passed.
  mutating func run(until isReached: (Cluster) -> Bool) throws {
    let end = now.advanced(by: .seconds(3600))
    while !isReached(self) {
      guard now < end else { throw TimedOut(version: server.version, outcome: outcome) }
      step()
    }
  }

  /// Performs one action; the clock advances by a millisecond, or to the next tick if no action is
  /// possible.
  private mutating func step() {
    let actions = possibleActions()
    if actions.isEmpty {
      now = max(now, nextTick)
    } else {
      turn += 1
      perform(actions[random?.below(actions.count) ?? turn % actions.count])
      now = now.advanced(by: .milliseconds(1))
    }
    guard now >= nextTick else { return }
    nextTick = now.advanced(by: .milliseconds(100))
    deliver(.tick)
    for index in workers.indices { workers[index].handle(.tick, at: now) }
  }

  private func possibleActions() -> [Action] {
    var actions: [Action] = unreachable.isEmpty ? [] : [.reportLoss]
    if recomputes, !recomputing.isEmpty { actions.append(.recompute) }
    if stores, !storing.isEmpty { actions.append(.store) }
    for (index, worker) in workers.enumerated() {
      if !worker.outgoing.isEmpty { actions.append(.toServer(index)) }
      if worker.isActive, !worker.incoming.isEmpty { actions.append(.toWorker(index)) }
      if worker.canCompute { actions.append(.compute(index)) }
      if worker.canSubmit { actions.append(.submit(index)) }
    }
    return actions
  }

  private mutating func perform(_ action: Action) {
    switch action {
    case .toServer(let index):
      let (peer, message) = workers[index].outgoing.removeFirst()
      if case .push(let push) = message.message { pushes[push.id] = push }
      deliver(.received(message.encodedAndDecoded, from: peer))
    case .toWorker(let index):
      let message = workers[index].incoming.removeFirst()
      workers[index].handle(.received(message.encodedAndDecoded), at: now)
    case .compute(let index): workers[index].compute(at: now)
    case .submit(let index): workers[index].submit(at: now)
    case .recompute: recompute()
    case .store: store(succeeds: true)
    case .reportLoss: deliver(.unreachable(unreachable.removeFirst()))
    }
  }

  private mutating func perform(_ effect: ServerCore.Effect) {
    switch effect {
    case .send(let message, let peer):
      if case .grant(let grant) = message.message { note(grant) }
      guard let index = workers.firstIndex(where: { $0.peer == peer }) else {
        return unreachable.append(peer)
      }
      workers[index].incoming.append(message)
    case .disconnect: break  // the worker replaces the connection of a session that has ended
    case .checkpoint(let state):
      checkpoints.append(state)
      storing.append(state)
    case .recompute(let lease, let weights): recomputing.append((lease, weights))
    case .report(let report): reports.append((report, now))
    case .finish(let outcome): self.outcome = outcome
    }
  }

  /// Ends the oldest write of a checkpoint.
  mutating func store(succeeds: Bool) {
    let state = storing.removeFirst()
    deliver(
      .checkpointed(
        version: state.optimizer.step, isEvaluated: state.isEvaluated, succeeded: succeeds))
  }

  /// Computes a lease as the server's background thread does.
  mutating func recompute() {
    let (lease, weights) = recomputing.removeFirst()
    recomputed.append(lease.id)
    let settings = server.settings
    let computer = LeaseComputer(
      settings: settings, shape: settings.tinyShape, source: data, kernels: Kernels())
    guard (try? computer.load(weights, version: lease.version)) != nil,
      let result = try? computer.compute(lease)
    else { preconditionFailure("the server cannot compute \(lease)") }
    deliver(.recomputed(result))
  }

  private mutating func note(_ grant: Grant) {
    for lease in grant.leases { granted[lease.id] = lease }
    guard let verdict = grant.verdict else { return }
    verdicts.append(verdict.verdict)
    if verdict.verdict == .applied, let result = pushes[verdict.id] { applied.append(result) }
  }
}

extension RandomSource {
  fileprivate mutating func below(_ bound: Int) -> Int { Int(below(UInt32(bound))) }
}

extension NumberedMessage {
  /// The message after encoding and decoding; a message that cannot be decoded fails the test.
  fileprivate var encodedAndDecoded: NumberedMessage {
    guard let message = try? NumberedMessage(frames: encoded()) else {
      preconditionFailure("the message cannot be decoded: \(self)")
    }
    return message
  }
}
