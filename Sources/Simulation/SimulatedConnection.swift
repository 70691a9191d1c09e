import Wire

/// A connection between a worker's socket and the server's.
struct SimulatedConnection {
  let worker: Int
  /// The worker's incarnation and socket that opened the connection.
  let incarnation: Int, socket: Int
  /// The server's incarnation that accepted the connection.
  let serverIncarnation: Int
  /// Whether messages in flight still arrive.
  var isAlive = true
  /// Whether the server's socket accepts messages for this connection.
  var isOpenAtServer = true
  /// Pieces whose acknowledgement the sender has not received, in each direction.
  private var toServerPieces = PiecesUnderWay(), toWorkerPieces = PiecesUnderWay()
  private var toServer, toWorker: SimulatedLink<InFlightMessage>

  init(
    worker: Int, incarnation: Int, socket: Int, serverIncarnation: Int, bounds: QueueBounds,
    rates: (Direction) -> LinkRate
  ) {
    self.worker = worker
    self.incarnation = incarnation
    self.socket = socket
    self.serverIncarnation = serverIncarnation
    toServer = SimulatedLink(bounds, rate: rates(.toServer))
    toWorker = SimulatedLink(bounds, rate: rates(.toWorker))
  }

  /// Records a message that is sent in a direction, and checks the credit.
  mutating func recordSending(
    _ message: NumberedMessage, _ direction: Direction, _ limits: TransferLimits
  ) throws(Violation) {
    guard message.message.tensor != nil else { return }
    switch direction {
    case .toServer:
      toServerPieces.send(message)
      try toServerPieces.check(limits)
    case .toWorker:
      toWorkerPieces.send(message)
      try toWorkerPieces.check(limits)
    }
  }

  /// Records a message that has arrived in a direction.
  mutating func recordArrival(_ message: NumberedMessage, _ direction: Direction) {
    switch direction {
    case .toServer: toWorkerPieces.acknowledge(message)
    case .toWorker: toServerPieces.acknowledge(message)
    }
  }

  /// The link in one direction.
  subscript(direction: Direction) -> SimulatedLink<InFlightMessage> {
    get { direction == .toServer ? toServer : toWorker }
    _modify { if direction == .toServer { yield &toServer } else { yield &toWorker } }
  }
}

/// The pieces of one direction of a session that the sender has sent and whose acknowledgement it
/// has not received.
struct PiecesUnderWay: Sendable {
  private var pieces: [(number: UInt32, bytes: Int)] = []

  /// The payload bytes of all pieces.
  private(set) var bytes = 0

  /// Records a message that is sent in this direction.
  mutating func send(_ message: NumberedMessage) {
    guard let values = message.message.tensor else { return }
    let count = values.count * values.dtype.byteCount
    pieces.append((message.number, count))
    bytes += count
  }

  /// Records a message that arrives from the other side.
  mutating func acknowledge(_ message: NumberedMessage) {
    while let first = pieces.first, first.number <= message.acknowledged {
      bytes -= first.bytes
      pieces.removeFirst()
    }
  }

  /// Checks that the bytes fit in the window, or belong to one piece.
  func check(_ limits: TransferLimits) throws(Violation) {
    try require(
      bytes <= limits.windowBytes || pieces.count == 1, .credit,
      "\(pieces.count) pieces of \(bytes) bytes are under way, the window is \(limits.windowBytes)")
  }
}
