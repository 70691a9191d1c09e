import Coordination
import Wire

/// The workers' sockets, which reconnect automatically.
extension SimulatedCluster {
  private static let strangerInterval = Microseconds.milliseconds(20)
  private static let reconnectPause = Microseconds.milliseconds(100)
  /// Time for which a closed socket still sends queued messages.
  private static let linger = Microseconds.seconds(1)

  /// Tries to connect a socket, and sends the queued messages if it succeeds.
  mutating func connect(_ index: Int, incarnation: Int, socket: Int) throws(Violation) {
    let worker = workers[index]
    guard worker.core != nil, worker.incarnation == incarnation, worker.socket == socket,
      worker.connection == nil
    else { return }
    guard server.core != nil, network.isReachable(index, at: now) else {
      events.push(
        .connects(index, incarnation: incarnation, socket: socket),
        at: now + Self.reconnectPause + random.below(Self.reconnectPause))
      return
    }
    log.append(now, "\(worker.name) has connection \(connections.count)")
    connections.append(
      SimulatedConnection(
        worker: index, incarnation: incarnation, socket: socket,
        serverIncarnation: server.incarnation, bounds: scenario.link.bounds,
        rates: { network.rate(index, $0) }))
    workers[index].connection = connections.count - 1
    try flush(index)
  }

  /// Sends a message, or queues it in the process until the socket accepts it.
  mutating func send(_ message: NumberedMessage, from index: Int) throws(Violation) {
    workers[index].backlog.append(message)
    try flush(index)
  }

  /// Sends the messages queued in a worker's process as far as its socket accepts them.
  mutating func flush(_ index: Int) throws(Violation) {
    guard let number = workers[index].connection else { return }
    while let message = workers[index].backlog.first {
      guard try transmit(message, .toServer, on: number) else { return }
      workers[index].backlog.removeFirst()
    }
  }

  /// Replaces the worker's socket on request of its core; drops queued messages and jobs.
  mutating func reconnect(_ index: Int) {
    log.append(now, "\(workers[index].name) makes a new socket")
    if let number = workers[index].connection {
      events.push(.closes(connection: number), at: end(of: number))
    }
    workers[index].isServing = false
    workers[index].socket += 1
    workers[index].connection = nil
    workers[index].backlog = []
    workers[index].jobs = []
    events.push(
      .connects(index, incarnation: workers[index].incarnation, socket: workers[index].socket),
      at: now)
  }

  /// Disconnects a worker's socket and schedules a reconnect.
  mutating func loseConnection(of index: Int) {
    guard workers[index].core != nil, workers[index].connection != nil else { return }
    workers[index].connection = nil
    events.push(
      .connects(index, incarnation: workers[index].incarnation, socket: workers[index].socket),
      at: now + Self.reconnectPause)
  }

  /// Closes a connection that did not belong to a worker, and the next one soon after.
  mutating func closeStranger(until end: Microseconds) throws(Violation) {
    if now < end { events.push(.strangerCloses(until: end), at: now + Self.strangerInterval) }
    guard server.core != nil, now >= server.frozenUntil else { return }
    try dispatchToServer(.disconnected)
  }

  /// The time at which the server's socket detects that a worker has closed its socket: after the
  /// messages in flight, which are dropped after the linger time.
  func end(of number: Int) -> Microseconds {
    min(max(now, connections[number][.toServer].lastArrival), now + Self.linger) + 1
  }
}
