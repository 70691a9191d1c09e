import Coordination
import Learning
import Wire

/// The shell around the server's core, as `ServerProcess` is in truth.
extension SimulatedCluster {
  mutating func startServer() throws(Violation) {
    guard server.core == nil, completion == nil else { return }
    guard let state = try server.disk.latest() else {
      throw Violation(.checkpoints, "no checkpoint can be read")
    }
    try inspector.begin(with: state)
    server.life += 1
    server.frozenUntil = 0
    server.nextTick = nil
    server.core = ServerCore(
      state, dataset: scenario.dataset, incarnation: dice.next(), policy: scenario.policy)
    log.note(now, "server starts its life \(server.life) at version \(state.optimizer.step)")
    events.push(.serverTick(life: server.life, isExtra: false), at: now)
  }

  mutating func tickServer(life: Int, isExtra: Bool) throws(Violation) {
    guard life == server.life, server.core != nil else { return }
    if isExtra {
      server.nextTick = nil
    } else {
      events.push(.serverTick(life: life, isExtra: false), at: now + Self.turn)
    }
    try serve(.tick)
  }

  /// Hands an event to the server, and those that follow from its effects.
  mutating func serve(_ event: ServerCore.Event) throws(Violation) {
    var pending = [event]
    while !pending.isEmpty {
      let event = pending.removeFirst()
      var effects: [ServerCore.Effect] = []
      let moment = server.clock.read(at: now)
      server.core?.handle(event, at: moment, effects: &effects)
      guard let core = server.core else { return }
      try inspector.check(event, effects, core, at: moment)
      let doom = server.doom
      for effect in effects.prefix(doom?.effects ?? .max) {
        if let peer = try perform(effect) { pending.append(.unreachable(peer)) }
      }
      if let doom { return try killServer(isTorn: doom.isTorn, isSeen: doom.isSeen) }
    }
    scheduleTick()
  }

  /// The tick that the core asks for, unless the next regular one or another comes first.
  private mutating func scheduleTick() {
    guard let moment = server.core?.nextTick else { return }
    let time = max(server.clock.time(of: moment) + 1, now)  // rounded up
    guard time < now + Self.turn, time < server.nextTick ?? .max else { return }
    server.nextTick = time
    events.push(.serverTick(life: server.life, isExtra: true), at: time)
  }

  /// Performs an effect; returns the peer that turns out to be gone.
  private mutating func perform(_ effect: ServerCore.Effect) throws(Violation) -> PeerID? {
    switch effect {
    case .send(let message, let peer):
      return try send(message, to: peer)
    case .checkpoint(let state):
      log.note(now, "server writes down version \(state.optimizer.step)")
      guard server.disk.put(state) else { return nil }
      events.push(.written(life: server.life), at: now + dice.below(.milliseconds(30)))
    case .report(let report):
      log.note(now, "server reports \(report.summary)")
    case .finish(let outcome):
      log.note(now, "server finishes: \(outcome)")
      try finishServer(outcome)
    }
    return nil
  }

  private mutating func send(
    _ message: NumberedMessage, to peer: PeerID
  ) throws(Violation) -> PeerID? {
    let number = peer.connection
    log.note(
      now, "server -> \(number): \(message.number) \(message.message.summary)")
    guard connections[number].isOpenAtServer else { return peer }
    let arrivals = network.send(
      .toWorker, worker: connections[number].worker, barrier: &connections[number].toWorker,
      at: now)
    for arrival in arrivals {
      let parcel = try Parcel(
        message, asBytes: scenario.usesBytes, isDamaged: arrival.isDamaged)
      events.push(.toWorker(connection: number, parcel), at: arrival.time)
    }
    return nil
  }

  /// The process ends in order: what it sent still arrives.
  private mutating func finishServer(_ outcome: Outcome) throws(Violation) {
    server.core = nil
    try server.disk.flush()
    for index in connections.indices { connections[index].isOpenAtServer = false }
    for index in workers.indices { loseConnection(of: index) }
    if outcome == .completed {
      completion = now
    } else {
      events.push(.serverStarts, at: now + dice.below(.seconds(2)))
    }
  }

  /// The process is killed.
  ///
  /// - Parameter isSeen: whether the workers' sockets see it, as they do unless the host dies.
  mutating func killServer(isTorn: Bool, isSeen: Bool) throws(Violation) {
    guard server.core != nil else { return }
    log.note(now, "server is killed")
    server.core = nil
    server.doom = nil
    try server.disk.crash(isTorn: isTorn)
    for index in connections.indices {
      connections[index].isAlive = false
      connections[index].isOpenAtServer = false
    }
    if isSeen { for index in workers.indices { loseConnection(of: index) } }
    let longest: Microseconds = dice.pick([.milliseconds(200), .seconds(4)])
    events.push(.serverStarts, at: now + dice.within(.milliseconds(10)...longest))
  }

  mutating func deliver(_ parcel: Parcel, toServer number: Int) throws(Violation) {
    let connection = connections[number]
    guard connection.isAlive, connection.serverLife == server.life, server.core != nil
    else { return }
    let peer = PeerID(connection: number)
    guard let message = parcel.opened() else {
      log.note(now, "server <- \(number): damaged")
      return try serve(.malformed(peer, reason: "damaged"))
    }
    log.note(now, "server <- \(number): \(message.number) \(message.message.summary)")
    try serve(.received(message, from: peer))
  }

  /// The server's socket finds out that a connection has ended, and may tell that one has.
  mutating func close(_ number: Int) throws(Violation) {
    guard connections[number].isOpenAtServer else { return }
    connections[number].isOpenAtServer = false
    guard connections[number].serverLife == server.life, dice.chance(perMille: 800)
    else { return }
    log.note(now, "server sees a connection end")
    try serve(.disconnected)
  }
}

extension Report {
  /// The report in a few words, for the log.
  fileprivate var summary: String {
    switch self {
    case .stepped(let report): "update \(report.step), \(report.staleness) versions old"
    case .evaluated(let step, let found): "evaluation of version \(step), \(found.count) splits"
    default: "\(self)"
    }
  }
}
