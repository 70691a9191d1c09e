import Bytes
package import Coordination
import Learning
package import Logging
package import Numerics
package import Storage
import Wire
package import ZeroMQ

/// The shell around ``WorkerCore``: one thread for the socket, so that heartbeats go on while a
/// batch computes, and one that computes.
package struct WorkerProcess: ~Copyable {
  /// How a worker is set up.
  package struct Configuration: Sendable {
    /// Where the server is.
    package var endpoint: String
    /// The name for people.
    package var name: String
    /// The only recipe it will train; empty for any.
    package var recipe = ""
    /// Whether the end of standard input ends the worker, as the launcher wants it.
    package var endsWithInput = false
    /// How long it looks for a server.
    package var timing = Timing()
    /// How many times as long as it needs it takes for a lease, at least 1: fault injection.
    package var slowDown = 1.0
    /// Where it kills itself: fault injection.
    package var crash: CrashPoint?
    /// The lease at which its computation hangs, counted from 1: fault injection.
    package var hang: Int?

    /// A worker called `name` for the server at `endpoint`.
    package init(endpoint: String, name: String) {
      self.endpoint = endpoint
      self.name = name
    }
  }

  private enum Source: Hashable {
    case server
    case results
    case signals
    case input
  }

  private let configuration: Configuration
  private let context: Context
  private let clock: MonotonicClock
  private let logger: Logger
  private let signals: SignalDescriptor
  private let compute: ComputeThread
  private let bell: Doorbell
  private let progress: ComputeProgress
  private let crash: Crash
  private var socket: Socket
  private var core: WorkerCore
  /// Effects of the core's beginning, which the run begins with.
  private var pending: [WorkerCore.Effect] = []
  private var outbox: [[[UInt8]]] = []
  private var ending: WorkerCore.Ending?
  private var signal: SignalDescriptor.Signal?
  /// Until the welcome says how large the model is: room for any.
  private var limits = WireLimits(maximumTensorElements: mostElements)
  private static let mostElements = 1 << 30
  private var pollerIsStale = true

  /// A worker that looks for its server.
  ///
  /// - Throws: ``ZeroMQError`` if the endpoint cannot be understood.
  package init(
    _ configuration: Configuration, dataset: Dataset, kernels: Kernels, context: Context,
    signals: consuming SignalDescriptor, logger: Logger
  ) throws(ZeroMQError) {
    let progress = ComputeProgress()
    let crash = Crash(at: configuration.crash)
    let compute = try ComputeThread(context: context) {
      let runner = LeaseRunner(dataset: dataset, kernels: kernels, progress: progress)
      let faulty = FaultyRunner(runner, crash: crash, hang: configuration.hang)
      return configuration.slowDown > 1
        ? SlowedRunner(faulty, factor: configuration.slowDown, progress: progress) : faulty
    }
    let socket = try Self.connect(configuration.endpoint, context: context)
    let hello = Hello(
      name: configuration.name, incarnation: UInt64.random(in: 1 ... .max),
      dataset: dataset.fingerprint, recipe: configuration.recipe)
    clock = MonotonicClock()
    core = WorkerCore(
      hello: hello, timing: configuration.timing, at: clock.now, effects: &pending)
    self.configuration = configuration
    self.context = context
    self.signals = signals
    self.logger = logger
    self.compute = compute
    self.progress = progress
    self.crash = crash
    self.socket = socket
    bell = compute.takeBell()
  }

  /// How the worker ended, and the signal that ended it, if one did.
  package struct Result: Sendable, Equatable {
    /// How the core ended it.
    package let ending: WorkerCore.Ending
    /// The signal that asked for it.
    package let signal: SignalDescriptor.Signal?
  }

  /// Runs until the server needs the worker no more, or it is told to stop.
  package mutating func run() throws(ZeroMQError) -> Result {
    var poller = Poller<Source>()
    try perform(pending)
    while ending == nil {
      if pollerIsStale { poller = makePoller() }
      poller.set(outbox.isEmpty ? .readable : [.readable, .writable], for: .server)
      for event in try poller.wait(milliseconds: 100) {
        switch event.key {
        case .server: try exchange()
        case .results: try takeResults()
        case .signals: try takeSignal()
        case .input:
          poller.remove(.input)  // it stays readable, and would be reported again and again
          try handle(.stop(reason: "its launcher is gone"))
        }
        if ending != nil { break }
      }
      try handle(.progressed(progress.count))
      try handle(.tick)
    }
    try end()
    return Result(ending: ending ?? .stopped, signal: signal)
  }

  /// Ends the other thread. While it holds the context, the process could end before the context is
  /// closed, and with it the last messages would be lost, such as the farewell.
  private func end() throws(ZeroMQError) {
    compute.clear()
    compute.put(.end)
    try bell.ring()
    compute.join()
  }

  private mutating func makePoller() -> Poller<Source> {
    pollerIsStale = false
    var poller = Poller<Source>()
    poller.add(socket, as: .server)
    poller.add(bell, as: .results)
    poller.add(descriptor: signals.descriptor, as: .signals)
    if configuration.endsWithInput { poller.add(descriptor: 0, as: .input) }
    return poller
  }

  private static func connect(
    _ endpoint: String, context: Context
  ) throws(ZeroMQError) -> Socket {
    var options = SocketOptions()
    // The core judges silence, by the time that the welcome tells.
    options.heartbeatMilliseconds = 0
    let socket = try Socket(.dealer, context: context, options: options)
    try socket.connect(endpoint)
    return socket
  }

  /// Takes what the server sent, and sends what waits for it.
  private mutating func exchange() throws(ZeroMQError) {
    try flush()
    while ending == nil {
      do {
        guard
          let frames = try socket.receive(
            maximumFrames: limits.maximumFrames, maximumBytes: limits.maximumFrameBytes * 2)
        else { return }
        try handle(event(of: frames))
      } catch .messageTooLarge(let frames, let bytes, _) {
        try handle(.malformed(reason: "a message of \(frames) frames and \(bytes) bytes"))
      }
    }
  }

  private func event(of frames: [Bytes]) -> WorkerCore.Event {
    do {
      return .received(try NumberedMessage(frames: frames, limits: limits))
    } catch {
      return .malformed(
        reason: "\(configuration.endpoint) sent no message of this protocol (\(error)); "
          + "check the endpoint, or use the same version on both sides")
    }
  }

  private mutating func takeResults() throws(ZeroMQError) {
    try bell.drain()
    for result in compute.takeResults() {
      switch result {
      case .computed(let result): try handle(.computed(result))
      case .failed(let reason): try handle(.failed(reason: reason))
      }
    }
  }

  private mutating func takeSignal() throws(ZeroMQError) {
    guard let signal = signals.next() else { return }
    self.signal = signal
    try handle(.stop(reason: "the worker got \(signal.name)"))
  }

  private mutating func handle(_ event: WorkerCore.Event) throws(ZeroMQError) {
    var effects: [WorkerCore.Effect] = []
    core.handle(event, at: clock.now, effects: &effects)
    try perform(effects)
  }

  private mutating func perform(_ effects: [WorkerCore.Effect]) throws(ZeroMQError) {
    for effect in effects {
      switch effect {
      case .send(let message): try send(message)
      case .reconnect: try reconnect()
      case .prepare(let welcome): try prepare(welcome)
      case .load(let weights, let version): try hand(.load(weights, version: version))
      case .compute(let lease):
        crash.pass(.grant)
        try hand(.compute(lease))
      case .finish(let ending): self.ending = ending
      }
    }
  }

  private mutating func send(_ message: NumberedMessage) throws(ZeroMQError) {
    if case .hello = message.message { crash.pass(.hello) }
    outbox.append(message.encoded())
    try flush()
    if case .push = message.message { crash.pass(.push) }
  }

  private mutating func reconnect() throws(ZeroMQError) {
    logger.warning(
      "server is silent, connecting again",
      metadata: ["server.endpoint": "\(configuration.endpoint)"])
    compute.clear()
    outbox = []
    socket = try Self.connect(configuration.endpoint, context: context)
    pollerIsStale = true
  }

  private mutating func prepare(_ welcome: Welcome) throws(ZeroMQError) {
    crash.pass(.welcome)
    logger.info(
      "welcomed by the server",
      metadata: ["server.endpoint": "\(configuration.endpoint)", "dataset": "\(welcome.dataset)"])
    limits = .model(elements: Self.elementCount(welcome.layout), slices: 1)
    try hand(.prepare(welcome))
  }

  /// Elements in all tensors of a layout together, bounded whatever the server says.
  private static func elementCount(_ layout: [TensorSpec]) -> Int {
    layout.reduce(0) { total, tensor in
      min(mostElements, total + tensor.shape.reduce(1) { min(mostElements, $0 * Int($1)) })
    }
  }

  private func hand(_ job: Job) throws(ZeroMQError) {
    compute.put(job)
    try bell.ring()
  }

  /// Sends what waits, as far as the connection takes it.
  private mutating func flush() throws(ZeroMQError) {
    while let message = outbox.first {
      do {
        try socket.send(message)
        outbox.removeFirst()
      } catch .wouldBlock {
        return
      } catch .connectionLost {
        outbox.removeFirst()
      }
    }
  }
}
