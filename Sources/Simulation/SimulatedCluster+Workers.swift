import Coordination
import Numerics
import Wire

/// The environment of a worker's core, which is `WorkerProcess` in production, and its supervisor.
extension SimulatedCluster {
  /// The maximum number of jobs or messages queued in a worker.
  private static let longestQueue = 64

  mutating func startWorker(_ index: Int) throws(Violation) {
    guard workers[index].core == nil, completion == nil else { return }
    log.append(now, "\(workers[index].name) starts")
    disturb(index)
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
    try flush(index)
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
      case .reconnect:
        try checkReconnect(index)
        reconnect(index)
      case .prepare:
        workers[index].isServing = true
        workers[index].jobs.append(.prepare)
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
    guard let found = checker.model.result(of: done.lease, with: done.weights) else {
      throw Violation(.genuine, "\(workers[index].name) has a lease for nonexistent work")
    }
    let result = found.timed(now - done.start)
    log.append(now, "\(workers[index].name) has computed \(done.lease.id.summary)")
    guard workers[index].wrongResults > 0 else {
      return try dispatch(to: index, .computed(flippedIfDue(result, of: index)))
    }
    workers[index].wrongResults -= 1
    noteWrongResult(of: index)
    if workers[index].isSpoiling { workers[index].hasSpoiled = true }
    let noise = UInt32(truncatingIfNeeded: random.next())
    let isSpoiling = workers[index].isSpoiling
    try dispatch(
      to: index,
      .computed(
        isSpoiling ? result.spoiled(noise, scenario.policy.transfers) : result.misstated))
  }

  private mutating func noteWrongResult(of index: Int) {
    disturb(index)
    workers[index].isFaulty = true
    workers[index].wasEverFaulty = true
  }

  /// Returns the result, with a wrong bit in its gradient if that of the worker is due.
  private mutating func flippedIfDue(_ result: LeaseResult, of index: Int) -> LeaseResult {
    guard workers[index].wrongGradients > 0, !result.contributions.isEmpty else { return result }
    workers[index].wrongGradients -= 1
    noteWrongResult(of: index)
    checker.wrongGradients.insert(result.id)
    log.append(now, "\(workers[index].name) flips a bit")
    return result.flipped(scenario.policy.transfers)
  }

  mutating func deliver(_ inFlight: InFlightMessage, toWorker number: Int) throws(Violation) {
    let index = connections[number].worker
    let worker = workers[index]
    guard let message = inFlight.decoded() else {
      log.append(now, "\(worker.name) <- \(number): damaged")
      return try dispatch(to: index, .malformed(reason: "damaged"))
    }
    log.append(now, "\(worker.name) <- \(number): \(message.number) \(message.message.summary)")
    connections[number].recordArrival(message, .toWorker)
    try dispatch(to: index, .received(message))
  }

  /// Ends the process in an orderly way: messages in flight arrive before the connection closes.
  private mutating func finish(_ index: Int, _ ending: WorkerCore.Ending) {
    log.append(now, "\(workers[index].name) ends: \(ending)")
    if let number = workers[index].connection {
      events.push(.closes(connection: number), at: end(of: number))
    }
    end(index)
  }

  /// Kills the process.
  ///
  /// - Parameter isSilent: Whether the server's socket does not detect the closed connection.
  mutating func killWorker(_ index: Int, isSilent: Bool) {
    guard workers[index].core != nil else { return }
    log.append(now, "\(workers[index].name) is killed\(isSilent ? " silently" : "")")
    if let number = workers[index].connection {
      if isSilent {
        connections[number].isAlive = false
      } else {
        // Bytes that have left the process still arrive.
        let last = min(connections[number][.toServer].lastArrival, now + .milliseconds(200))
        events.push(
          .closes(connection: number), at: max(last, now + random.below(.milliseconds(20))) + 1)
      }
    }
    end(index)
  }

  /// Removes the process; the supervisor starts another one later.
  private mutating func end(_ index: Int) {
    disturb(index)
    workers[index].core = nil
    workers[index].connection = nil
    workers[index].frozenUntil = 0
    events.push(.workerStarts(index), at: now + random.within(.milliseconds(50) ... .seconds(2)))
  }
}

extension LeaseResult {
  /// Returns the result with the duration of its computation.
  fileprivate func timed(_ span: Microseconds) -> LeaseResult {
    LeaseResult(
      id: id, version: version, computeMicroseconds: UInt64(max(span, 0)), sums: sums,
      contributions: contributions)
  }

  /// Returns the result with another bit in the largest value of each gradient, so that the error
  /// does not vanish in their sum.
  fileprivate func flipped(_ transfers: TransferLimits) -> LeaseResult {
    let contributions = contributions.map { part in
      var values = part.values.floats
      let largest = values.indices.max { abs(values[$0]) < abs(values[$1]) } ?? 0
      values[largest] = Float(bitPattern: values[largest].bitPattern ^ 1 << 22)
      return Contribution(
        slices: part.slices, values: PiecewiseVector(values, limits: transfers))
    }
    return LeaseResult(id: id, version: version, sums: sums, contributions: contributions)
  }

  /// The result with a wrong version of the weights.
  fileprivate var misstated: LeaseResult {
    LeaseResult(id: id, version: version + 1, sums: sums, contributions: contributions)
  }

  /// Returns the result with NaN in its gradients, or as the loss if it has none.
  fileprivate func spoiled(_ noise: UInt32, _ transfers: TransferLimits) -> LeaseResult {
    let contributions = contributions.map { part in
      var values = part.values.floats
      values[Int(noise) % values.count] = Float(bitPattern: 0x7FC0_0000 | noise & 0xFFFF)
      return Contribution(
        slices: part.slices, values: PiecewiseVector(values, limits: transfers))
    }
    var sums = sums
    if contributions.isEmpty { sums[0].lossSum = .nan }
    return LeaseResult(id: id, version: version, sums: sums, contributions: contributions)
  }
}
