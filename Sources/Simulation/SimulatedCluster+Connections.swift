import Coordination
import Wire

/// The workers' sockets, which reconnect automatically.
extension SimulatedCluster {
  private static let reconnectPause = Microseconds.milliseconds(100)

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
        serverIncarnation: server.incarnation))
    workers[index].connection = connections.count - 1
    let waiting = worker.backlog
    workers[index].backlog = []
    for message in waiting { try send(message, from: index) }
  }

  /// Sends a message, or queues it until the socket is connected.
  mutating func send(_ message: NumberedMessage, from index: Int) throws(Violation) {
    guard let number = workers[index].connection else {
      workers[index].backlog.append(message)
      return
    }
    log.append(
      now, "\(workers[index].name) -> \(number): \(message.number) \(message.message.summary)")
    let arrivals = network.send(
      .toServer, worker: index, barrier: &connections[number].toServer, at: now)
    for arrival in arrivals {
      let inFlight = try InFlightMessage(
        message, asBytes: scenario.usesBytes, isDamaged: arrival.isDamaged)
      events.push(.toServer(connection: number, inFlight), at: arrival.time)
    }
  }

  /// Replaces the worker's socket on request of its core; drops queued messages and jobs.
  mutating func reconnect(_ index: Int) {
    log.append(now, "\(workers[index].name) makes a new socket")
    if let number = workers[index].connection {
      events.push(.closes(connection: number), at: max(now, connections[number].toServer) + 1)
    }
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
}
