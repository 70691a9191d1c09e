/// Bandwidth of a worker's link in both directions.
struct WorkerLink: Sendable, Equatable {
  private var toServer, toWorker: LinkRate

  /// Creates a link with the given bytes per second; nil for no limit.
  init(toServer: Int? = nil, toWorker: Int? = nil) {
    self.toServer = LinkRate(toServer)
    self.toWorker = LinkRate(toWorker)
  }

  /// The bandwidth in one direction.
  subscript(direction: Direction) -> LinkRate {
    get { direction == .toServer ? toServer : toWorker }
    set { if direction == .toServer { toServer = newValue } else { toWorker = newValue } }
  }

  /// Ends temporary limits.
  mutating func endLimits() {
    toServer.endLimit()
    toWorker.endLimit()
  }
}

/// Bandwidth, queues and sizes of messages in a scenario.
struct LinkConditions: Sendable, Equatable {
  /// The links of the workers.
  var links: [WorkerLink]
  /// The queues of every connection.
  var bounds = QueueBounds()
  /// The number of bytes that one byte of a tensor counts for, since simulated tensors are tiny.
  var tensorFactor = 1
  /// The bytes per second that the server's host can send to all workers; nil for no limit.
  var serverRate: Int?

  /// Creates conditions without limits for a number of workers.
  init(workers: Int) {
    links = Array(repeating: WorkerLink(), count: workers)
  }

  /// Whether sizes of messages matter.
  var areLimited: Bool {
    bounds != QueueBounds() || serverRate != nil || links.contains { $0 != WorkerLink() }
  }
}
