import Coordination
import Wire

/// The environment of a worker's core, which is `WorkerProcess` in production, and its supervisor.
extension SimulatedCluster {
  /// The maximum number of jobs or messages queued in a worker.
  private static let longestQueue = 64

  mutating func startWorker(_ index: Int) throws(Violation) {
    guard workers[index].core == nil, completion == nil else { return }
    log.append(now, "\(workers[index].name) starts")
    let hello = Hello(
      name: workers[index].name, incarnation: random.next(), dataset: scenario.dataset.fingerprint)
    var effects: [WorkerCore.Effect] = []
    let core = WorkerCore(
      hello: hello, timing: scenario.policy.timing, at: workers[index].clock.read(at: now),
      effects: &effects)
    workers[index].start(core)
    let incarnation = workers[index].incarnation
    events.push(.connects(index, incarnation: incarnation, socket: 0), at: now)
    events.push(.workerTick(index, incarnation: incarnation), at: now + Self.tickInterval)
    try perform(effects, of: index)
  }

  mutating func tickWorker(_ index: Int, incarnation: Int) throws(Violation) {
    guard workers[index].incarnation == incarnation, workers[index].core != nil else { return }
    events.push(.workerTick(index, incarnation: incarnation), at: now + Self.tickInterval)
    try dispatch(to: index, .progressed(workers[index].progress(at: now)))
    try dispatch(to: index, .tick)
  }

  /// Passes an event to a worker's core.
  mutating func dispatch(to index: Int, _ event: WorkerCore.Event) throws(Violation) {
    let moment = workers[index].clock.read(at: now)
    var effects: [WorkerCore.Effect] = []
    workers[index].core?.handle(event, at: moment, effects: &effects)
    try perform(effects, of: index)
    let waiting = max(workers[index].jobs.count, workers[index].backlog.count)
    try require(
      waiting <= Self.longestQueue, .bounds, "\(workers[index].name) has \(waiting) queued")
  }

  private mutating func perform(
    _ effects: [WorkerCore.Effect], of index: Int
  ) throws(Violation) {
    for effect in effects {
      switch effect {
      case .send(let message): try send(message, from: index)
      case .reconnect: reconnect(index)
      case .prepare: workers[index].jobs.append(.prepare)
      case .load(let weights, let version):
        workers[index].jobs.append(.load(try Self.loaded(weights, version)))
      case .compute(let lease): workers[index].jobs.append(.compute(lease))
      case .finish(let ending): finish(index, ending)
      }
    }
    try work(index)
  }

  static func loaded(
    _ weights: PiecewiseVector, _ version: UInt64
  ) throws(Violation) -> LoadedWeights {
    var digest = FloatDigest()
    digest.combine(weights.floats)
    return LoadedWeights(version: version, digest: digest.value)
  }

  private mutating func work(_ index: Int) throws(Violation) {
    guard workers[index].core != nil else { return }
    do throws(MissingWeights) {
      guard let end = try workers[index].work(at: now) else { return }
      events.push(.computed(index, incarnation: workers[index].incarnation), at: end)
    } catch {
      throw Violation(.genuine, "\(workers[index].name) has a lease but no weights")
    }
  }

  /// Ends the current computation and passes its result to the core.
  mutating func completeComputation(_ index: Int, incarnation: Int) throws(Violation) {
    guard workers[index].incarnation == incarnation, workers[index].core != nil else { return }
    guard let done = workers[index].finishComputation() else { return }
    guard let result = checker.model.result(of: done.lease, with: done.weights) else {
      throw Violation(.genuine, "\(workers[index].name) has a lease for nonexistent work")
    }
    log.append(now, "\(workers[index].name) has computed \(done.lease.id.summary)")
    guard workers[index].misstatedResults > 0 else {
      return try dispatch(to: index, .computed(result))
    }
    workers[index].misstatedResults -= 1
    let misstated = LeaseResult(
      id: result.id, version: result.version + 1, sums: result.sums,
      contributions: result.contributions)
    try dispatch(to: index, .computed(misstated))
  }

  mutating func deliver(_ inFlight: InFlightMessage, toWorker number: Int) throws(Violation) {
    let (connection, index) = (connections[number], connections[number].worker)
    let worker = workers[index]
    guard connection.isAlive, worker.core != nil, worker.incarnation == connection.incarnation,
      worker.socket == connection.socket
    else { return }
    guard let message = inFlight.decoded() else {
      log.append(now, "\(worker.name) <- \(number): damaged")
      return try dispatch(to: index, .malformed(reason: "damaged"))
    }
    log.append(now, "\(worker.name) <- \(number): \(message.number) \(message.message.summary)")
    try dispatch(to: index, .received(message))
  }

  /// Ends the process in an orderly way: messages in flight arrive before the connection closes.
  private mutating func finish(_ index: Int, _ ending: WorkerCore.Ending) {
    log.append(now, "\(workers[index].name) ends: \(ending)")
    if let number = workers[index].connection {
      events.push(.closes(connection: number), at: max(now, connections[number].toServer) + 1)
    }
    end(index)
  }

  /// Kills the process.
  ///
  /// - Parameter isSilent: Whether the server's socket does not detect the closed connection.
  mutating func killWorker(_ index: Int, isSilent: Bool) {
    guard workers[index].core != nil else { return }
    log.append(now, "\(workers[index].name) is killed\(isSilent ? " silently" : "")")
    if !isSilent, let number = workers[index].connection {
      events.push(.closes(connection: number), at: now + random.below(.milliseconds(20)))
    }
    end(index)
  }

  /// Removes the process; the supervisor starts another one later.
  private mutating func end(_ index: Int) {
    workers[index].core = nil
    workers[index].connection = nil
    workers[index].frozenUntil = 0
    events.push(.workerStarts(index), at: now + random.within(.milliseconds(50) ... .seconds(2)))
  }
}
