import Coordination
import Learning
import Numerics
import Wire

/// A worker and its server, whose messages and lies follow from the bytes of a source.
struct WorkerScript {
  private var source: ByteSource
  private let run: TinyRun
  private var core: WorkerCore
  private var monitor: WorkerMonitor
  private var now = Moment(nanoseconds: 1 << 40)
  /// The number of the last message from the server in this session.
  private var sent: UInt32 = 0
  private var transfers: UInt32 = 0
  private var counter: UInt64 = 0
  private var outgoing: [Piece] = []
  /// Whether the worker has accepted a welcome, and its session has not ended.
  private var isWelcomed = false
  /// The leases that the worker computes.
  private var computing: [Lease] = []

  /// The events of one script, at most.
  private static let mostEvents = 400

  /// Creates a script; the worker has sent its hello.
  init(_ bytes: [UInt8]) throws(Finding) {
    source = ByteSource(bytes)
    run = TinyRun(&source)
    monitor = WorkerMonitor()
    let hello = Hello(name: "worker", incarnation: 1, dataset: run.dataset.fingerprint)
    var effects: [WorkerCore.Effect] = []
    core = WorkerCore(hello: hello, at: now, effects: &effects)
    try monitor.check(effects)
  }

  /// Plays the script.
  ///
  /// - Throws: ``Finding`` for the first rule that does not hold after an event.
  mutating func play() throws(Finding) {
    for _ in 0..<Self.mostEvents where !source.isEmpty {
      switch source.below(16) {
      case 0: try welcome(lies: false)
      case 1...3: try grant()
      case 4...6: try sendPiece()
      case 7...8: try handle(answer())
      case 9: try send(.heartbeat(Heartbeat(progress: source.integer())))
      case 10: try send(.acknowledgement)
      case 11: try passTime()
      case 12: try work()
      case 13: try end()
      default: try lie()
      }
    }
  }

  // MARK: The server

  private mutating func welcome(lies: Bool) throws(Finding) {
    if !isWelcomed { (sent, transfers, outgoing) = (0, 0, []) }
    var welcome = Welcome(
      protocolVersion: 2, incarnation: 7, settings: run.settings.pairs,
      dataset: run.dataset.fingerprint, layout: run.shape.layout.specs,
      heartbeatMilliseconds: 1000, silenceMilliseconds: 5000, transfers: run.policy.transfers)
    if lies {
      let other = MessageMaker.welcome(&source)
      switch source.below(5) {
      case 0: welcome.settings = other.settings
      case 1: welcome.layout = other.layout
      case 2: welcome.heartbeatMilliseconds = other.heartbeatMilliseconds
      case 3: welcome.silenceMilliseconds = other.silenceMilliseconds
      default: welcome.transfers = other.transfers
      }
    }
    try send(.welcome(welcome))
  }

  private mutating func grant() throws(Finding) {
    let hasWeights = source.byte() & 1 == 1
    var grant = Grant(leases: leases(), version: 0, hasWeights: hasWeights)
    if hasWeights {
      let isNext = outgoing.isEmpty
      announce()
      if isNext, source.byte() & 1 == 1 { grant.firstPiece = outgoing.removeFirst().values }
    }
    try send(.grant(grant))
  }

  private mutating func leases() -> [Lease] {
    (0..<source.below(3)).map { _ in
      counter += 1
      let batch = UInt64(source.below(Int(run.plan.steps)))
      let slices = UInt32(run.plan.sliceCount(batch: batch))
      return Lease(
        id: LeaseID(incarnation: 7, counter: counter), version: 0,
        work: .train(batch: batch, slices: 0..<slices))
    }
  }

  private mutating func announce() {
    transfers &+= 1
    let weights = run.initialState.optimizer.weights
    let vector = PiecewiseVector(plain: weights, limits: run.policy.transfers)
    for (index, values) in vector.pieces.enumerated() {
      outgoing.append(Piece(transfer: transfers, index: UInt32(index), values: values))
    }
  }

  private mutating func sendPiece() throws(Finding) {
    guard !outgoing.isEmpty else { return }
    try send(.piece(outgoing.removeFirst()))
  }

  private mutating func end() throws(Finding) {
    switch source.below(5) {
    case 0: try send(.drain(Drain(reason: "the end")))
    case 1: try send(.farewell(Farewell(reason: "the end")))
    case 2:
      let refusal = Refusal(reason: source.pick(RefusalReason.allCases), detail: "")
      try handle(.received(NumberedMessage(.refusal(refusal), number: 0)))
    case 3: try handle(.stop(reason: "a request"))
    default: try handle(.malformed(reason: "bytes"))
    }
  }

  private mutating func lie() throws(Finding) {
    switch source.below(5) {
    case 0: try welcome(lies: true)
    case 1: try send(MessageMaker.message(&source))
    case 2: try handle(.received(MessageMaker.numbered(&source)))
    case 3: try send(.piece(MessageMaker.piece(&source)))
    default: try send(.grant(MessageMaker.grant(&source)))
    }
  }

  private mutating func send(_ message: Message) throws(Finding) {
    sent &+= 1
    let acknowledged = source.oneIn(8) ? source.oddInteger() : monitor.lastNumber
    try handle(.received(NumberedMessage(message, number: sent, acknowledged: acknowledged)))
  }

  // MARK: The worker's process

  private mutating func passTime() throws(Finding) {
    let step = source.byte()
    let isLong = step > 200
    now = now.advanced(by: isLong ? .seconds(Int(step) - 200) : .milliseconds(10 * Int(step)))
    try handle(.tick)
  }

  /// Returns the event of a computed lease, or of a result that was not requested.
  private mutating func answer() -> WorkerCore.Event? {
    guard !computing.isEmpty else { return nil }
    let lease = source.oneIn(8) ? MessageMaker.lease(&source) : computing.removeFirst()
    return run.result(of: lease).map { .computed($0) }
  }

  private mutating func work() throws(Finding) {
    try handle(
      source.oneIn(4) ? .failed(reason: "a failure") : .progressed(source.integer()))
  }

  private mutating func handle(_ event: WorkerCore.Event?) throws(Finding) {
    guard let event else { return }
    var effects: [WorkerCore.Effect] = []
    core.handle(event, at: now, effects: &effects)
    try monitor.check(event, effects)
    for effect in effects {
      switch effect {
      case .compute(let lease): computing.append(lease)
      case .prepare: isWelcomed = true
      case .reconnect:
        (sent, transfers, computing, outgoing, isWelcomed) = (0, 0, [], [], false)
      default: break
      }
    }
  }
}
