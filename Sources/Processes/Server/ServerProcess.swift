import Bytes
package import Coordination
import Learning
import Numerics
import Wire
package import ZeroMQ

/// The shell around ``ServerCore``: one thread that owns the socket, the core and the weights.
///
/// It converts messages, signals and ticks of the clock into events, and the core's effects into
/// messages and calls of a ``ServerOutput``. It makes no decisions.
package struct ServerProcess: ~Copyable {
  private enum Source: Hashable {
    case peers
    case connections
    case keys
    case signals
    case launcher
    case arbiter
  }

  /// The state machine.
  package private(set) var core: ServerCore
  /// The endpoints in use, with the port that the system assigned.
  package let endpoints: [String]

  // Declared before the socket whose connections it watches, so that it is destroyed first.
  private var entrance: Entrance
  private let socket: Socket
  private let clock: MonotonicClock
  private static let limits = WireLimits()
  private let signals: SignalDescriptor
  private let control: ControlChannel?
  private let arbiter: Arbiter?
  private var signal: SignalDescriptor.Signal?
  private var outcome: Outcome?

  /// The time from which the events of connections are polled again; nil if they are polled.
  private var connectionsDue: Moment?

  private static let tick = Duration.milliseconds(100)
  /// The time between two polls of the events of connections: with many connections per second,
  /// each of which would wake the thread several times, they are handled together.
  private static let connectionsPause = Duration.milliseconds(20)
  /// Maximum number of messages that are handled before the other sources are polled again.
  private static let messagesPerWake = 256

  /// Creates a server that listens at some endpoints.
  ///
  /// - Parameters:
  ///   - endpoints: at least one; those that are no address of this host are omitted if another one
  ///     is, and all have the port that the system assigns to the first one if its port is 0.
  ///   - security: who may connect.
  ///   - connections: the limits on connections.
  ///   - control: the channel to the launcher, if one started this process.
  ///   - arbiter: the thread that computes leases for the server; nil if none will be wanted.
  /// - Throws: ``ZeroMQError`` if no endpoint can be bound.
  package init(
    core: ServerCore, endpoints: [String], security: ServerSecurity = .open,
    connections: ConnectionGate.Limits = ConnectionGate.Limits(), context: Context,
    clock: MonotonicClock, signals: consuming SignalDescriptor, control: ControlChannel? = nil,
    arbiter: consuming Arbiter? = nil
  ) throws(ZeroMQError) {
    var options = SocketOptions.session
    // The core detects silence, and the entrance closes connections without a session. libzmq's own
    // heartbeats wait behind the pieces of a slow connection, and on one that ends while its input
    // is stopped they end the process (4.3.4: Assertion failed: !_io_error).
    options.heartbeatMilliseconds = 0
    options.maximumFrameBytes = Int64(Self.frameLimit(core.policy.transfers))
    options.security = security.socket
    let authenticator = security.ring == nil ? nil : try Authenticator(context: context)
    let socket = try Socket(.router, context: context, options: options)
    let entrance = try Entrance(of: socket, authenticator, security, limits: connections)
    self.endpoints = try Self.bind(socket, to: endpoints)
    self.socket = socket
    self.entrance = entrance
    self.core = core
    self.clock = clock
    self.signals = signals
    self.control = control
    self.arbiter = arbiter
  }

  private static func bind(
    _ socket: borrowing Socket, to endpoints: [String]
  ) throws(ZeroMQError) -> [String] {
    var bound: [String] = []
    var failure: ZeroMQError?
    for endpoint in endpoints {
      var address = TCPAddress(endpoint)
      if address?.port == 0, let first = bound.first.flatMap(TCPAddress.init) {
        address?.port = first.port
      }
      do {
        bound.append(try socket.bind(address?.endpoint ?? endpoint))
      } catch .addressNotAvailable(let endpoint) {
        failure = .addressNotAvailable(endpoint: endpoint)
      }
    }
    if bound.isEmpty, let failure { throw failure }
    return bound
  }

  /// Replaces the core of a server that has finished, on the same socket: for the workers, the
  /// server was restarted.
  mutating func restart(_ core: ServerCore) {
    self.core = core
    outcome = nil
  }

  /// Runs until the core finishes the run.
  ///
  /// - Parameters:
  ///   - output: the receiver of reports, states and ticks.
  ///   - isDone: polled at each tick; the run is stopped once it returns true.
  package mutating func run(
    _ output: any ServerOutput, until isDone: (() -> Bool)? = nil
  ) throws(ZeroMQError) -> ServerExit {
    var poller = makePoller()
    var lastTick: Moment?
    while outcome == nil {
      var hasBacklog = false  // more messages make the next poll return at once
      for event in try poller.wait(milliseconds: pause) {
        switch event.key {
        case .peers: hasBacklog = try receive(output)
        case .connections:
          try entrance.takeConnections(at: clock.now)
          poller.set([], for: .connections)
          connectionsDue = clock.now.advanced(by: Self.connectionsPause)
        case .keys: try entrance.answer()
        case .signals: takeSignal(output)
        case .arbiter: try takeRecomputed(output)
        case .launcher: if !readLauncher(output) { poller.remove(.launcher) }
        }
      }
      if entrance.takeLostSession() { handle(.disconnected, output) }
      let now = clock.now
      if let due = connectionsDue, now >= due {
        poller.set(.readable, for: .connections)
        connectionsDue = nil
      }
      entrance.tick(at: now)
      let isDue = lastTick.map { now.since($0) >= Self.tick } ?? true
      if isDue || core.nextTick.map({ now >= $0 }) ?? false {
        handle(hasBacklog ? .tickWithBacklog : .tick, output)
      }
      guard isDue else { continue }
      lastTick = now
      tickEntrance(output, at: now)
      output.tick(at: now)
      output.turned(core.status(at: now), at: now)
      for outcome in output.takeCheckpointOutcomes() {
        handle(
          .checkpointed(
            version: outcome.version, isEvaluated: outcome.isEvaluated,
            succeeded: outcome.succeeded), output)
      }
      if isDone?() == true { handle(.stop(reason: "the server's caller ended the run"), output) }
    }
    return ServerExit(outcome: outcome ?? .stopped, signal: signal)
  }

  private func makePoller() -> Poller<Source> {
    var poller = Poller<Source>()
    poller.add(socket, as: .peers)
    entrance.add(to: &poller, connections: .connections, keys: .keys)
    poller.add(descriptor: signals.descriptor, as: .signals)
    if let control { poller.add(descriptor: control.descriptor, as: .launcher) }
    arbiter?.add(to: &poller, as: .arbiter)
    return poller
  }

  /// Milliseconds to wait for a message, rounded up so that the next tick is due afterwards.
  private var pause: Int {
    let next = [core.nextTick, entrance.nextTick, connectionsDue].compactMap { $0 }.min()
    let left = next.map { $0.since(clock.now) } ?? Self.tick
    return Int((min(left, Self.tick).seconds * 1000).rounded(.up))
  }

  /// Reports refusals, and reads the list of keys again if it has changed.
  private mutating func tickEntrance(_ output: any ServerOutput, at now: Moment) {
    if let error = entrance.reloadKeys() { output.keysFailed(error) }
    for report in entrance.takeReports() { output.receive(report, at: now) }
  }

  /// The longest frame from a worker: a piece of a tensor, or a message about a lease.
  private static func frameLimit(_ transfers: TransferLimits) -> Int {
    let header = 1 << 16
    return min(4 * transfers.pieceElements + header, limits.maximumFrameBytes)
  }

  private mutating func takeSignal(_ output: any ServerOutput) {
    guard let signal = signals.next() else { return }
    self.signal = signal
    handle(.stop(reason: "the server got \(signal.name)"), output)
  }

  /// Reads the launcher's lines, and stops the run if the channel is closed.
  ///
  /// - Returns: whether the channel is open.
  private mutating func readLauncher(_ output: any ServerOutput) -> Bool {
    guard let control else { return false }
    for case .exhausted in control.receive() { handle(.workersExhausted, output) }
    if !control.isOpen {
      signal = signal ?? .terminate
      handle(.stop(reason: "the server's launcher is gone"), output)
    }
    return control.isOpen
  }

  private mutating func takeRecomputed(_ output: any ServerOutput) throws(ZeroMQError) {
    for result in try arbiter?.takeResults() ?? [] {
      switch result {
      case .computed(let result): handle(.recomputed(result), output)
      case .failed(let reason):
        handle(.stop(reason: "the server cannot compute a lease: \(reason)"), output)
      }
    }
  }

  /// Handles messages that have arrived.
  ///
  /// - Returns: whether more may be waiting.
  private mutating func receive(_ output: any ServerOutput) throws(ZeroMQError) -> Bool {
    for _ in 0..<Self.messagesPerWake where outcome == nil {
      var origin: MessageOrigin?
      do {
        // One frame more than a message has, for the peer's address.
        guard
          let frames = try socket.receive(
            maximumFrames: Self.limits.maximumFrames + 1,
            maximumBytes: Self.limits.maximumMessageBytes, origin: &origin)
        else { return false }
        let peer = PeerID(frames.first?.array ?? [])
        try admit(peer, origin, output) { Self.event(of: frames, from: peer, by: $0) }
      } catch .messageTooLarge(let frames, let bytes, let peer) {
        let reason = "a message of \(frames) frames and \(bytes) bytes is too large"
        try admit(PeerID(peer), origin, output) { _ in .malformed(PeerID(peer), reason: reason) }
      }
    }
    return true
  }

  /// Handles the event of a message unless its connection is about to be closed.
  private mutating func admit(
    _ peer: PeerID, _ origin: MessageOrigin?, _ output: any ServerOutput,
    _ event: (Credential?) -> ServerCore.Event
  ) throws(ZeroMQError) {
    guard let origin,
      case .pass(let credential) = try entrance.admit(peer, origin, at: clock.now)
    else { return }
    handle(event(credential), output)
    guard entrance.isPending(origin.descriptor) else { return }
    if credential?.role == .observer || core.members[peer] != nil { entrance.settle(peer) }
  }

  private static func event(
    of frames: [Bytes], from peer: PeerID, by credential: Credential?
  ) -> ServerCore.Event {
    do {
      let message = try NumberedMessage(frames: Array(frames.dropFirst()), limits: limits)
      return .received(message, from: peer, by: credential)
    } catch {
      return .malformed(peer, reason: "\(error)")
    }
  }

  private mutating func handle(_ event: ServerCore.Event, _ output: any ServerOutput) {
    var events = [event]
    while !events.isEmpty {
      let now = clock.now
      var effects: [ServerCore.Effect] = []
      core.handle(events.removeFirst(), at: now, effects: &effects)
      // Messages first: workers wait for them.
      for case .send(let message, let peer) in effects {
        if let failure = send(message, to: peer) { events.append(failure) }
      }
      for effect in effects {
        switch effect {
        case .send: break
        case .disconnect(let peer): entrance.end(peer, at: now)
        case .report(let report):
          output.receive(report, at: now)
          announce(report)
        case .checkpoint(let state): output.checkpoint(state)
        case .recompute(let lease, let weights):
          try? arbiter?.compute(lease, weights: weights)  // fails only after the context
        case .finish(let outcome): self.outcome = outcome
        }
      }
    }
  }

  private func announce(_ report: Report) {
    guard let control, control.announcesSteps, case .stepped(let step) = report else { return }
    control.send(.step(step.step))
  }

  /// Queues a message.
  ///
  /// - Returns: the event for the core if the message was not queued.
  private func send(_ message: NumberedMessage, to peer: PeerID) -> ServerCore.Event? {
    do {
      try socket.send([peer.bytes] + message.encoded())
      return nil
    } catch .wouldBlock {
      return .queueFull(peer)
    } catch {
      return .unreachable(peer)
    }
  }
}
