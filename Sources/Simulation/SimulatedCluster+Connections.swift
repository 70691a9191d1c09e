import Coordination
import Wire

/// The worker's end of its connections: a socket that makes a new one by itself.
extension SimulatedCluster {
  private static let reconnectPause = Microseconds.milliseconds(100)

  /// A socket tries to get a connection, and sends what waits for one.
  mutating func connect(_ index: Int, life: Int, socket: Int) throws(Violation) {
    let worker = workers[index]
    guard worker.core != nil, worker.life == life, worker.socket == socket,
      worker.connection == nil
    else { return }
    guard server.core != nil, network.isReachable(index, at: now) else {
      events.push(
        .connects(index, life: life, socket: socket),
        at: now + Self.reconnectPause + dice.below(Self.reconnectPause))
      return
    }
    log.note(now, "\(worker.name) has connection \(connections.count)")
    connections.append(
      SimulatedConnection(worker: index, life: life, socket: socket, serverLife: server.life))
    workers[index].connection = connections.count - 1
    let waiting = worker.backlog
    workers[index].backlog = []
    for message in waiting { try send(message, from: index) }
  }

  /// Sends a message, or lets it wait for a connection.
  mutating func send(_ message: NumberedMessage, from index: Int) throws(Violation) {
    guard let number = workers[index].connection else {
      workers[index].backlog.append(message)
      return
    }
    log.note(
      now, "\(workers[index].name) -> \(number): \(message.number) \(message.message.summary)")
    let arrivals = network.send(
      .toServer, worker: index, barrier: &connections[number].toServer, at: now)
    for arrival in arrivals {
      let parcel = try Parcel(
        message, asBytes: scenario.usesBytes, isDamaged: arrival.isDamaged)
      events.push(.toServer(connection: number, parcel), at: arrival.time)
    }
  }

  /// The core wants a new socket: what was computed for is dropped, and what waits to be sent.
  mutating func reconnect(_ index: Int) {
    log.note(now, "\(workers[index].name) makes a new socket")
    if let number = workers[index].connection {
      events.push(.closes(connection: number), at: max(now, connections[number].toServer) + 1)
    }
    workers[index].socket += 1
    workers[index].connection = nil
    workers[index].backlog = []
    workers[index].jobs = []
    events.push(
      .connects(index, life: workers[index].life, socket: workers[index].socket), at: now)
  }

  /// A socket sees that its connection has ended, and will look for another one.
  mutating func loseConnection(of index: Int) {
    guard workers[index].core != nil, workers[index].connection != nil else { return }
    workers[index].connection = nil
    events.push(
      .connects(index, life: workers[index].life, socket: workers[index].socket),
      at: now + Self.reconnectPause)
  }
}
