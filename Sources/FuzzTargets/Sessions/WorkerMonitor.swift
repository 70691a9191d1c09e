import Coordination
import Wire

/// The rules of a worker that hold after every event, whatever its server sends.
struct WorkerMonitor {
  /// The number of the last message of the worker.
  private(set) var lastNumber: UInt32 = 0
  private var isFinished = false
  /// The leases that were received in this session and are not computed, in order.
  private var granted: [Lease] = []
  /// The elements of the weights, by the last welcome.
  private var elements = 0

  /// The effects of one event, at most. A worker holds 256 leases; if one acknowledgement opens the
  /// window, it sends the results of all, each a push and twenty pieces.
  private static let mostEffects = 256 * 21

  /// Checks the effects of the worker's creation.
  mutating func check(_ effects: [WorkerCore.Effect]) throws(Finding) {
    for effect in effects { try check(effect) }
  }

  /// Checks one event, after the worker has handled it.
  mutating func check(
    _ event: WorkerCore.Event, _ effects: [WorkerCore.Effect]
  ) throws(Finding) {
    try require(!isFinished || effects.isEmpty, "a finished worker has effects")
    try require(effects.count <= Self.mostEffects, "\(effects.count) effects of one event")
    if case .received(let message) = event, case .grant(let grant) = message.message {
      granted += grant.leases
    }
    try check(effects)
  }

  private mutating func check(_ effect: WorkerCore.Effect) throws(Finding) {
    try require(!isFinished, "an effect follows the end of a worker")
    switch effect {
    case .send(let message):
      try require(
        message.number == lastNumber + 1, "message \(message.number) follows \(lastNumber)")
      lastNumber = message.number
    case .reconnect: (lastNumber, granted) = (0, [])
    case .prepare(let welcome):
      elements = welcome.layout.reduce(0) { total, tensor in
        total + tensor.shape.reduce(1) { $0 * Int($1) }
      }
    case .load(let weights, _):
      try require(
        weights.count == elements, "\(weights.count) weights of a model of \(elements)")
    case .compute(let lease):
      guard let index = granted.firstIndex(of: lease) else {
        throw Finding("lease \(lease.id) is computed and was not granted")
      }
      granted.remove(at: index)
    case .finish: isFinished = true
    }
  }
}
