import Coordination
import Wire

/// The shell around a worker's core, as `WorkerProcess` is in truth, and its supervisor.
extension SimulatedCluster {
  /// Jobs and messages that may wait in a worker.
  private static let longestQueue = 64

  mutating func startWorker(_ index: Int) throws(Violation) {
    guard workers[index].core == nil, completion == nil else { return }
    log.note(now, "\(workers[index].name) starts")
    let hello = Hello(
      name: workers[index].name, incarnation: dice.next(), dataset: scenario.dataset.fingerprint)
    var effects: [WorkerCore.Effect] = []
    let core = WorkerCore(
      hello: hello, timing: scenario.policy.timing, at: workers[index].clock.read(at: now),
      effects: &effects)
    workers[index].start(core)
    let life = workers[index].life
    events.push(.connects(index, life: life, socket: 0), at: now)
    events.push(.workerTick(index, life: life), at: now + Self.turn)
    try perform(effects, of: index)
  }

  mutating func tickWorker(_ index: Int, life: Int) throws(Violation) {
    guard workers[index].life == life, workers[index].core != nil else { return }
    events.push(.workerTick(index, life: life), at: now + Self.turn)
    try tell(index, .progressed(workers[index].progress(at: now)))
    try tell(index, .tick)
  }

  /// Hands an event to a worker.
  mutating func tell(_ index: Int, _ event: WorkerCore.Event) throws(Violation) {
    let moment = workers[index].clock.read(at: now)
    var effects: [WorkerCore.Effect] = []
    workers[index].core?.handle(event, at: moment, effects: &effects)
    try perform(effects, of: index)
    let waiting = max(workers[index].jobs.count, workers[index].backlog.count)
    try require(
      waiting <= Self.longestQueue, .bounds, "\(waiting) wait in \(workers[index].name)")
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
    _ weights: EncodedTensor, _ version: UInt64
  ) throws(Violation) -> LoadedWeights {
    guard let values = try? weights.floats() else {
      throw Violation(.bytes, "weights of type \(weights.dtype)")
    }
    var digest = Digest()
    digest.add(values)
    return LoadedWeights(version: version, digest: digest.value)
  }

  private mutating func work(_ index: Int) throws(Violation) {
    guard workers[index].core != nil else { return }
    do throws(NoWeights) {
      guard let end = try workers[index].work(at: now) else { return }
      events.push(.computed(index, life: workers[index].life), at: end)
    } catch {
      throw Violation(.genuine, "\(workers[index].name) got a lease before any weights")
    }
  }

  /// What was being computed is done.
  mutating func handIn(_ index: Int, life: Int) throws(Violation) {
    guard workers[index].life == life, workers[index].core != nil else { return }
    guard let done = workers[index].finishComputation() else { return }
    guard let result = inspector.standIn.result(of: done.lease, with: done.weights) else {
      throw Violation(.genuine, "\(workers[index].name) got a lease of no such work")
    }
    log.note(now, "\(workers[index].name) has computed \(done.lease.id.summary)")
    guard workers[index].lies > 0 else { return try tell(index, .computed(result)) }
    workers[index].lies -= 1
    let lie = LeaseResult(
      id: result.id, version: result.version + 1, sums: result.sums,
      contributions: result.contributions)
    try tell(index, .computed(lie))
  }

  mutating func deliver(_ parcel: Parcel, toWorker number: Int) throws(Violation) {
    let (connection, index) = (connections[number], connections[number].worker)
    let worker = workers[index]
    guard connection.isAlive, worker.core != nil, worker.life == connection.life,
      worker.socket == connection.socket
    else { return }
    guard let message = parcel.opened() else {
      log.note(now, "\(worker.name) <- \(number): damaged")
      return try tell(index, .malformed(reason: "damaged"))
    }
    log.note(now, "\(worker.name) <- \(number): \(message.number) \(message.message.summary)")
    try tell(index, .received(message))
  }

  /// The process ends in order: what it sent still arrives, and then the connection ends.
  private mutating func finish(_ index: Int, _ ending: WorkerCore.Ending) {
    log.note(now, "\(workers[index].name) ends: \(ending)")
    if let number = workers[index].connection {
      events.push(.closes(connection: number), at: max(now, connections[number].toServer) + 1)
    }
    end(index)
  }

  /// A process is killed.
  ///
  /// - Parameter isSilent: whether nothing tells the server's socket.
  mutating func killWorker(_ index: Int, isSilent: Bool) {
    guard workers[index].core != nil else { return }
    log.note(now, "\(workers[index].name) is killed\(isSilent ? " silently" : "")")
    if !isSilent, let number = workers[index].connection {
      events.push(.closes(connection: number), at: now + dice.below(.milliseconds(20)))
    }
    end(index)
  }

  /// No process runs any more; the supervisor starts another one.
  private mutating func end(_ index: Int) {
    workers[index].core = nil
    workers[index].connection = nil
    workers[index].frozenUntil = 0
    events.push(.workerStarts(index), at: now + dice.within(.milliseconds(50) ... .seconds(2)))
  }
}
