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

  /// The link in one direction.
  subscript(direction: Direction) -> SimulatedLink<InFlightMessage> {
    get { direction == .toServer ? toServer : toWorker }
    _modify { if direction == .toServer { yield &toServer } else { yield &toWorker } }
  }
}
