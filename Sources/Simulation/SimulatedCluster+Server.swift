import Coordination
import Learning
import Wire

/// The environment of the server's core, which is `ServerProcess` in production.
extension SimulatedCluster {
  mutating func startServer() throws(Violation) {
    guard server.core == nil, completion == nil else { return }
    guard let state = try server.disk.latest() else {
      throw Violation(.checkpoints, "no checkpoint is readable")
    }
    try checker.restart(from: state)
    disturbAll()
    server.incarnation += 1
    server.frozenUntil = 0
    server.nextTick = nil
    isHonestWorkerDrained = false
    server.core = makeCore(state)
    log.append(
      now, "server starts incarnation \(server.incarnation) at version \(state.optimizer.step)")
    events.push(.serverTick(incarnation: server.incarnation, isExtra: false), at: now)
  }

  /// Returns a core that resumes from a state.
  mutating func makeCore(_ state: ServerState) -> ServerCore {
    var policy = scenario.policy
    if auditsNothing { policy.auditShare = 0 }
    return ServerCore(
      state, dataset: scenario.dataset, incarnation: random.next(), policy: policy,
      auditSeed: scenario.seed)
  }

  mutating func tickServer(incarnation: Int, isExtra: Bool) throws(Violation) {
    guard incarnation == server.incarnation, server.core != nil else { return }
    if isExtra {
      server.nextTick = nil
    } else {
      events.push(
        .serverTick(incarnation: incarnation, isExtra: false), at: now + Self.tickInterval)
    }
    // A real server does not judge silence while received messages wait.
    try dispatchToServer(random.chance(perMille: 50) ? .tickWithBacklog : .tick)
  }

  /// Passes an event to the server's core, and then the events that result from its effects.
  mutating func dispatchToServer(_ event: ServerCore.Event) throws(Violation) {
    var pending = [event]
    while !pending.isEmpty {
      let event = pending.removeFirst()
      var effects: [ServerCore.Effect] = []
      let moment = server.clock.read(at: now)
      server.core?.handle(event, at: moment, effects: &effects)
      guard let core = server.core else { return }
      try checker.check(event, effects, core, at: moment)
      try checkTreatment(of: effects)
      let pendingKill = server.pendingKill
      // Progress is for display only: a kill between two effects does not count it.
      effects.removeAll { if case .report(.evaluating) = $0 { true } else { false } }
      for effect in effects.prefix(pendingKill?.effects ?? .max) {
        if let event = try perform(effect) { pending.append(event) }
      }
      if pendingKill == nil { try checkFinalState(effects, core) }
      if let pendingKill {
        return try killServer(isTorn: pendingKill.isTorn, isSeen: pendingKill.isSeen)
      }
    }
    scheduleTick()
  }

  /// Checks that the final state is on the disk when workers are sent away, unless it cannot be
  /// stored; a server that was suspended meanwhile must at least be writing it.
  private func checkFinalState(
    _ effects: [ServerCore.Effect], _ core: ServerCore
  ) throws(Violation) {
    let isDraining = effects.contains { effect in
      if case .send(let message, _) = effect, case .drain = message.message { true } else { false }
    }
    guard isDraining, !server.disk.lastWriteFailed else { return }
    let holds = now == server.frozenUntil ? server.disk.holds : server.disk.stores
    try require(
      holds(core.version, true) || !checker.isComplete && holds(core.version, false), .checkpoints,
      "workers are sent away, and version \(core.version) is not stored")
  }

  /// Schedules the tick that the core requests, unless an earlier tick is already scheduled.
  private mutating func scheduleTick() {
    guard let moment = server.core?.nextTick else { return }
    let time = max(server.clock.time(of: moment) + 1, now)  // rounded up
    guard time < now + Self.tickInterval, time < server.nextTick ?? .max else { return }
    server.nextTick = time
    events.push(.serverTick(incarnation: server.incarnation, isExtra: true), at: time)
  }

  /// Performs an effect; returns an event if a message could not be sent.
  private mutating func perform(
    _ effect: ServerCore.Effect
  ) throws(Violation) -> ServerCore.Event? {
    switch effect {
    case .send(let message, let peer):
      return try send(message, to: peer)
    case .disconnect: break  // the worker closes the connection of a session that has ended
    case .checkpoint(let state):
      log.append(now, "server writes a checkpoint of version \(state.optimizer.step)")
      guard server.disk.put(state) else { return nil }
      events.push(
        .written(incarnation: server.incarnation), at: now + random.below(.milliseconds(30)))
    case .recompute(let lease, let weights): try recompute(lease, weights)
    case .report(let report):
      log.append(now, "server reports \(report.summary)")
    case .finish(let outcome):
      log.append(now, "server finishes: \(outcome)")
      if case .replay(let step) = outcome {
        try replay(before: step)
      } else {
        try finishServer(outcome)
      }
    }
    return nil
  }

  private mutating func send(
    _ message: NumberedMessage, to peer: PeerID
  ) throws(Violation) -> ServerCore.Event? {
    let number = peer.connection
    guard connections[number].isOpenAtServer else {
      log.append(now, "server -> \(number): \(message.number) is not sent; no connection")
      return .unreachable(peer)
    }
    guard try transmit(message, .toWorker, on: number) else {
      log.append(now, "server -> \(number): \(message.number) is not sent; the queue is full")
      try require(
        server.core?.members[peer] == nil, .bounds,
        "the queue of \(scenario.link.bounds.sender) messages to a member is full")
      return .queueFull(peer)
    }
    return nil
  }

  /// Completes the write of a checkpoint, and starts that of a queued one.
  mutating func finishWriting(incarnation: Int) throws(Violation) {
    guard incarnation == server.incarnation, server.core != nil,
      let result = try server.disk.finishWriting()
    else { return }
    if !result.isWritten {
      log.append(now, "the checkpoint of version \(result.version) cannot be written")
    }
    if server.disk.isWriting {
      events.push(.written(incarnation: incarnation), at: now + random.below(.milliseconds(30)))
    }
    try dispatchToServer(
      .checkpointed(
        version: result.version, isEvaluated: result.isEvaluated, succeeded: result.isWritten))
  }

  /// Ends the process in an orderly way: messages in flight still arrive.
  private mutating func finishServer(_ outcome: Outcome) throws(Violation) {
    server.core = nil
    disturbAll()
    for result in try server.disk.flush() where !result.isWritten {
      log.append(now, "the checkpoint of version \(result.version) cannot be written")
    }
    for index in connections.indices { connections[index].isOpenAtServer = false }
    for index in workers.indices { loseConnection(of: index) }
    if outcome == .completed {
      completion = now
    } else {
      events.push(.serverStarts, at: now + random.below(.seconds(2)))
    }
  }

  /// Kills the process.
  ///
  /// - Parameter isSeen: Whether the workers' sockets detect it, which they do unless the host
  ///   fails.
  mutating func killServer(isTorn: Bool, isSeen: Bool) throws(Violation) {
    guard server.core != nil else { return }
    log.append(now, "server is killed")
    disturbAll()
    server.core = nil
    server.pendingKill = nil
    try server.disk.crash(isTorn: isTorn)
    for index in connections.indices {
      connections[index].isAlive = false
      connections[index].isOpenAtServer = false
    }
    if isSeen { for index in workers.indices { loseConnection(of: index) } }
    let longest: Microseconds = random.pick([.milliseconds(200), .seconds(4)])
    events.push(.serverStarts, at: now + random.within(.milliseconds(10)...longest))
  }

  mutating func deliver(_ inFlight: InFlightMessage, toServer number: Int) throws(Violation) {
    let peer = PeerID(connection: number)
    guard let message = inFlight.decoded() else {
      log.append(now, "server <- \(number): damaged")
      return try dispatchToServer(.malformed(peer, reason: "damaged"))
    }
    log.append(now, "server <- \(number): \(message.number) \(message.message.summary)")
    connections[number].recordArrival(message, .toServer)
    try dispatchToServer(.received(message, from: peer))
  }

  /// Closes a connection at the server's socket, which reports most such events.
  mutating func close(_ number: Int) throws(Violation) {
    guard connections[number].isOpenAtServer else { return }
    connections[number].isOpenAtServer = false
    connections[number].isAlive = false
    guard connections[number].serverIncarnation == server.incarnation, random.chance(perMille: 800)
    else { return }
    log.append(now, "server sees a connection end")
    try dispatchToServer(.disconnected)
  }
}

extension Report {
  /// A short description for the log.
  fileprivate var summary: String {
    switch self {
    case .stepped(let report): "update \(report.step), \(report.staleness) versions old"
    case .evaluated(let step, let found): "evaluation of version \(step), \(found.count) splits"
    default: "\(self)"
    }
  }
}
