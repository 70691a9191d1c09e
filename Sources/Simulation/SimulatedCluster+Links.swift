import Coordination
import Wire

/// The links of the connections.
extension SimulatedCluster {
  /// Sends a message over a connection; returns false if the sender's queue is full.
  mutating func transmit(
    _ message: NumberedMessage, _ direction: Direction, on number: Int
  ) throws(Violation) -> Bool {
    guard connections[number][direction].mayAccept(at: now) else { return false }
    try connections[number].recordSending(message, direction, scenario.policy.transfers)
    let (worker, bytes) = (connections[number].worker, size(of: message))
    logSending(of: message, direction, on: number)
    guard let transit = network.send(direction, worker: worker, at: now) else {
      connections[number][direction].lose(bytes: bytes, at: now)
      // The receiver detects the gap after the messages that are on their way.
      disturb(worker, until: connections[number][direction].lastArrival + .seconds(1))
      return true
    }
    let inFlight = try InFlightMessage(
      message, asBytes: scenario.usesBytes, isDamaged: transit.isDamaged)
    let sending = connections[number][direction].send(
      inFlight, bytes: bytes, latency: transit.latency,
      earliest: direction == .toWorker ? reserveServerLink(bytes) : 0,
      isOvertaken: transit.isOvertaken, at: now)
    guard case .accepted(let order, let arrival) = sending else { return false }
    if transit.isDamaged || transit.isOvertaken { disturb(worker, until: arrival) }
    events.push(.arrives(connection: number, direction, order), at: arrival)
    if let delay = transit.copyDelay {
      events.push(.copyArrives(connection: number, direction, inFlight), at: arrival + delay)
    }
    return true
  }

  private mutating func logSending(
    of message: NumberedMessage, _ direction: Direction, on number: Int
  ) {
    let sender = direction == .toServer ? workers[connections[number].worker].name : "server"
    log.append(now, "\(sender) -> \(number): \(message.number) \(message.message.summary)")
  }

  /// The number of bytes of a message on a link.
  private func size(of message: NumberedMessage) -> Int {
    scenario.link.areLimited ? message.bytes(tensorFactor: scenario.link.tensorFactor) : 100
  }

  /// Returns the time at which the server's host has transmitted further bytes.
  private mutating func reserveServerLink(_ bytes: Int) -> Microseconds {
    guard let rate = scenario.link.serverRate else { return 0 }
    serverLinkEnd = LinkRate(rate).end(of: bytes, from: max(now, serverLinkEnd))
    return serverLinkEnd
  }

  /// Passes a message that has arrived to its receiver, unless its arrival was delayed meanwhile.
  mutating func receive(
    _ order: Int, _ direction: Direction, on number: Int
  ) throws(Violation) {
    guard let arrival = connections[number][direction].arrival(of: order) else { return }
    guard arrival <= now else {
      return events.push(.arrives(connection: number, direction, order), at: arrival)
    }
    guard isReceiving(number, direction),
      let inFlight = connections[number][direction].take(order)
    else { return }
    try deliver(inFlight, direction, on: number)
    let worker = connections[number].worker
    if direction == .toServer, !workers[worker].backlog.isEmpty { try flush(worker) }
  }

  /// Passes a message to its receiver.
  mutating func deliver(
    _ inFlight: InFlightMessage, _ direction: Direction, on number: Int
  ) throws(Violation) {
    guard isReceiving(number, direction) else { return }
    switch direction {
    case .toServer: try deliver(inFlight, toServer: number)
    case .toWorker: try deliver(inFlight, toWorker: number)
    }
  }

  /// Whether a connection is alive and the process at its end is the one that opened it.
  private func isReceiving(_ number: Int, _ direction: Direction) -> Bool {
    let connection = connections[number]
    guard connection.isAlive else { return false }
    switch direction {
    case .toServer:
      return server.core != nil && connection.serverIncarnation == server.incarnation
    case .toWorker:
      let worker = workers[connection.worker]
      return worker.core != nil && worker.incarnation == connection.incarnation
        && worker.socket == connection.socket
    }
  }

  /// Limits the bandwidth of a worker's link in both directions.
  mutating func limitLink(_ worker: Int, to bytesPerSecond: Int, for span: Microseconds) {
    for direction in Direction.allCases {
      network.limit(worker, direction, to: bytesPerSecond, until: now + span)
    }
    applyRates(of: worker)
    disturb(worker, until: now + span)
  }

  /// Applies the bandwidth of a worker's link, or of all links, to the messages in flight.
  mutating func applyRates(of worker: Int? = nil) {
    for number in connections.indices where connections[number].isAlive {
      guard worker == nil || worker == connections[number].worker else { continue }
      for direction in Direction.allCases {
        let rate = network.rate(connections[number].worker, direction)
        connections[number][direction].change(rate, at: now)
        for order in connections[number][direction].pending {
          guard let time = connections[number][direction].arrival(of: order) else { continue }
          events.push(.arrives(connection: number, direction, order), at: max(time, now))
        }
      }
    }
  }
}

extension NumberedMessage {
  /// Returns the number of bytes of all frames, of which the elements of tensors count several
  /// times.
  func bytes(tensorFactor: Int) -> Int {
    let elements = message.tensor.map { $0.count * $0.dtype.byteCount } ?? 0
    return encodedByteCount + elements * (tensorFactor - 1)
  }
}
