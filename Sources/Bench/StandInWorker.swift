import Coordination
import Learning
import Numerics
import Processes
import Wire
import ZeroMQ

/// An error that ends a stand-in worker.
enum StandInError: Error, CustomStringConvertible {
  /// The worker ended otherwise than by completing the run.
  case ended(WorkerCore.Ending)

  var description: String {
    switch self {
    case .ended(let ending): "a stand-in worker ended: \(ending)"
    }
  }
}

/// One stand-in worker: its state machine and its socket.
final class StandInWorker {
  /// Whether the worker has completed the run.
  private(set) var isOver = false
  private let all: StandInWorkers
  /// The number of times that the socket was replaced.
  private(set) var reconnections = 0
  private let context: Context
  private var socket: Socket
  private let limits = WireLimits()
  private var core: WorkerCore

  /// Creates a worker that connects to the server and joins it.
  init(name: String, of all: StandInWorkers, context: Context, at now: Moment) throws {
    self.all = all
    self.context = context
    socket = try Self.connect(all.endpoint, context)
    let hello = Hello(
      name: name, incarnation: UInt64.random(in: 1 ... .max), dataset: all.dataset)
    var effects: [WorkerCore.Effect] = []
    core = WorkerCore(hello: hello, at: now, effects: &effects)
    try perform(effects, at: now)
  }

  private static func connect(
    _ endpoint: String, _ context: Context
  ) throws(ZeroMQError) -> Socket {
    var options = SocketOptions.session
    options.onlyToConnected = false  // the hello waits until there is a connection
    let socket = try Socket(.dealer, context: context, options: options)
    try socket.connect(endpoint)
    return socket
  }

  /// Registers the worker's socket with `poller`.
  func add(to poller: inout Poller<Int>, as index: Int) { poller.add(socket, as: index) }

  /// Handles all messages that have arrived.
  func receive(at now: Moment) throws {
    while !isOver,
      let frames = try socket.receive(
        maximumFrames: limits.maximumFrames,
        maximumBytes: limits.maximumMessageBytes)
    {
      let message = try NumberedMessage(frames: frames, limits: limits)
      try handle(.received(message), at: now)
    }
  }

  /// Passes an event to the state machine and performs its effects.
  func handle(_ event: WorkerCore.Event, at now: Moment) throws {
    guard !isOver else { return }
    var effects: [WorkerCore.Effect] = []
    core.handle(event, at: now, effects: &effects)
    try perform(effects, at: now)
  }

  private func perform(_ effects: [WorkerCore.Effect], at now: Moment) throws {
    for effect in effects {
      switch effect {
      case .send(let message): try socket.send(message.encoded())
      case .compute(let lease):
        try handle(
          .computed(lease.standInResult(plan: all.plan, gradient: all.gradient)), at: now)
      case .prepare, .load: break
      case .reconnect:
        socket = try Self.connect(all.endpoint, context)
        reconnections += 1
      case .finish(.completed): isOver = true
      case .finish(let ending): throw StandInError.ended(ending)
      }
    }
  }
}

extension Lease {
  /// Returns a valid result of the lease in which every contribution is `gradient`; without
  /// contributions unless the lease is for training.
  func standInResult(plan: BatchPlan, gradient: PiecewiseVector) -> LeaseResult {
    guard case .train(let batch, let slices) = work else {
      return LeaseResult(id: id, version: version, sums: [])
    }
    let sums = slices.map { slice in
      let count = UInt64(plan.positions(batch: batch, slice: Int(slice)).count)
      return SampleSums(lossSum: Double(count), correct: 0, count: count)
    }
    return LeaseResult(
      id: id, version: version, sums: sums,
      contributions: [Contribution(slices: slices, values: gradient)])
  }
}
