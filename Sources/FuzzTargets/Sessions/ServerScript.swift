import Coordination
import Numerics
import Wire

/// A server and four peers, whose messages, faults and lies follow from the bytes of a source.
struct ServerScript {
  private var source: ByteSource
  private let run: TinyRun
  private var core: ServerCore
  private var peers: [ScriptedPeer]
  private var monitor: ServerMonitor
  private var now = Moment(nanoseconds: 1 << 40)
  /// The leases that the server computes itself.
  private var computing: [Lease] = []

  /// The events of one script, at most.
  private static let mostEvents = 400

  /// Creates a script that has not begun.
  init(_ bytes: [UInt8]) {
    source = ByteSource(bytes)
    run = TinyRun(&source)
    core = ServerCore(run.initialState, of: run, incarnation: 7)
    peers = (0..<4).map { [run] in ScriptedPeer(number: $0, of: run) }
    monitor = ServerMonitor(run)
  }

  /// Plays the script.
  ///
  /// - Throws: ``Finding`` for the first rule that does not hold after an event.
  mutating func play() throws(Finding) {
    for _ in 0..<Self.mostEvents where !source.isEmpty {
      let choice = source.byte()
      let place = Int(choice & 3)
      switch choice >> 2 {
      case 0...3: try greet(place)
      case 4...5: try handle(peers[place].event(.ready))
      case 6...27: try answerAtOnce(place)
      case 28...31: try handle(peers[place].answer(withPiece: source.byte() & 1 == 1))
      case 32...35: try handle(peers[place].sendPiece())
      case 36...37: try handle(peers[place].event(.acknowledgement))
      case 38: try handle(peers[place].event(.heartbeat(Heartbeat(progress: source.integer()))))
      case 39...43: try passTime()
      case 44...46: try shell(place)
      case 47...49: try answerAtOnce(place, isFinite: false)
      case 50: try inquire(place)
      default: try lie(place)
      }
    }
  }

  private mutating func greet(_ place: Int) throws(Finding) {
    if peers[place].isMember { try handle(.unreachable(peers[place].id)) }
    try handle(peers[place].greet())
    if source.byte() & 1 == 1 { try handle(peers[place].event(.ready)) }
  }

  /// Answers a lease with all pieces of its gradient.
  ///
  /// - Parameter isFinite: whether the loss is finite; otherwise the result is disputed.
  private mutating func answerAtOnce(_ place: Int, isFinite: Bool = true) throws(Finding) {
    if !isFinite { peers[place].isHonest = false }
    try handle(
      peers[place].answer(withPiece: source.byte() & 1 == 1) { push in
        if !isFinite { push.sums = push.sums.map { SampleSums(lossSum: .nan, count: $0.count) } }
      })
    while peers[place].hasPieces { try handle(peers[place].sendPiece()) }
    try handle(peers[place].event(.acknowledgement))
  }

  /// Asks for the state of the run, without a session.
  private mutating func inquire(_ place: Int) throws(Finding) {
    guard !peers[place].isMember else { return }
    try handle(.received(NumberedMessage(.inquiry, number: 0), from: peers[place].id))
  }

  private mutating func passTime() throws(Finding) {
    let step = source.byte()
    let isLong = step > 200
    now = now.advanced(by: isLong ? .seconds(Int(step) - 200) : .milliseconds(Int(step)))
    try handle(source.byte() & 1 == 1 ? .tickWithBacklog : .tick)
  }

  /// An event of the server's process.
  private mutating func shell(_ place: Int) throws(Finding) {
    switch source.below(8) {
    case 0: try handle(.disconnected)
    case 1:
      try handle(.unreachable(peers[place].id))
      peers[place].endSession()
    case 2:
      try handle(.queueFull(peers[place].id))
      peers[place].endSession()
    case 3:
      peers[place].isHonest = false
      try handle(.malformed(peers[place].id, reason: "bytes"))
      peers[place].endSession()
    case 4:
      try handle(
        .checkpointed(
          version: source.pick([core.version, source.oddInteger()]),
          isEvaluated: source.byte() & 1 == 1, succeeded: source.byte() & 1 == 1))
    case 5: try handle(.workersExhausted)
    case 6:
      guard let lease = computing.popLast(), let result = run.result(of: lease) else { return }
      try handle(.recomputed(result))
    default: if source.oneIn(8) { try handle(.stop(reason: "a request")) }
    }
  }

  // MARK: Lies

  private mutating func lie(_ place: Int) throws(Finding) {
    peers[place].isHonest = false
    switch source.below(16) {
    case 0...4: try handle(lyingPush(place))
    case 5...7:
      let other = MessageMaker.piece(&source)
      let field = source.below(3)
      if field == 2 { note(.piece(other)) }
      try handle(
        peers[place].sendPiece { piece in
          Piece(
            transfer: field == 0 ? other.transfer : piece.transfer,
            index: field == 1 ? other.index : piece.index,
            values: field == 2 ? other.values : piece.values)
        })
    case 8: try handle(lyingHello(place))
    case 9: try handle(peers[place].event(anyMessage(), number: 0))
    case 10:
      let message = MessageMaker.numbered(&source)
      note(message.message)
      try handle(.received(message, from: peers[place].id))
    case 11...14: try handle(peers[place].event(anyMessage()))
    default:
      try handle(peers[place].event(.farewell(Farewell(reason: ""))))
      peers[place].endSession()
    }
  }

  private mutating func anyMessage() -> Message {
    let message = MessageMaker.message(&source)
    note(message)
    return message
  }

  /// Ends the comparison of the weights if a message may have wrong numbers of a gradient, in a
  /// piece of the right size: only an audit finds these.
  private mutating func note(_ message: Message) {
    let values: EncodedTensor? =
      switch message {
      case .piece(let piece): piece.values
      case .push(let push): push.firstPiece
      default: nil
      }
    if let values, run.pieceCounts.contains(values.count) { monitor.stopComparingWeights() }
  }

  /// Returns the push of a lease with one wrong field, or of a lease that was not granted.
  private mutating func lyingPush(_ place: Int) -> ServerCore.Event? {
    let other = MessageMaker.push(&source)
    let field = source.below(6)
    if field == 4 || peers[place].leases.isEmpty { note(.push(other)) }
    return peers[place].answer(withPiece: source.byte() & 1 == 1) { push in
      switch field {
      case 0: push.id = other.id
      case 1: push.version = other.version
      case 2: push.sums = other.sums
      case 3: push.contributions = other.contributions
      case 4: push.firstPiece = push.contributions.isEmpty ? nil : other.firstPiece
      default: push.computeMicroseconds = other.computeMicroseconds
      }
    } ?? peers[place].event(.push(other))
  }

  private mutating func lyingHello(_ place: Int) -> ServerCore.Event {
    let other = MessageMaker.hello(&source)
    _ = peers[place].greet()
    var hello = peers[place].hello
    switch source.below(5) {
    case 0: hello.dataset = other.dataset
    case 1: hello.recipe = other.recipe
    case 2: hello.model = other.model
    case 3: (hello.minimumProtocol, hello.maximumProtocol) = (3, .max)
    default:
      (hello.name, hello.incarnation) = (peers[0].name, peers[0].incarnation)
      peers[0].isHonest = false  // it is blamed for the lies of the peer that has its name
    }
    return peers[place].event(.hello(hello), number: source.oddInteger())
  }

  // MARK: Events

  private mutating func handle(_ event: ServerCore.Event?) throws(Finding) {
    guard let event else { return }
    var effects: [ServerCore.Effect] = []
    core.handle(event, at: now, effects: &effects)
    try monitor.check(event, effects, core, peers, at: now)
    for effect in effects {
      switch effect {
      case .send(let message, let peer): peers[Int(peer.bytes[0])].note(message)
      case .recompute(let lease, _): computing.append(lease)
      default: break
      }
    }
  }
}
