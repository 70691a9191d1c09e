import Bytes
package import Coordination
import Learning
import Numerics
import Wire
package import ZeroMQ

/// What a server's shell tells while it runs, in the server's thread.
package protocol ServerObserver: AnyObject {
  /// The core reports something.
  func observe(_ report: Report, at now: Moment)
  /// The state is to be written down, without holding up the server.
  func writeDown(_ state: ServerState)
  /// About a tenth of a second has passed; what has happened to the server meanwhile.
  func turn(at now: Moment) -> [ServerCore.Event]
}

/// The shell around ``ServerCore``: one thread that owns the socket, the core and the weights.
///
/// It turns messages, signals and the passing of time into events, and the core's effects into
/// messages and reports. It decides nothing.
package struct ServerProcess: ~Copyable {
  /// How a run ended, and the signal that ended it early, if one did.
  package struct Result: Sendable, Equatable {
    /// How the core ended it.
    package let outcome: Outcome
    /// The signal that asked for it.
    package let signal: SignalDescriptor.Signal?
  }

  private enum Source: Hashable {
    case peers
    case connections
    case signals
    case launcher
  }

  /// The state machine that decides.
  package private(set) var core: ServerCore
  /// The endpoint in use, with the port that was picked.
  package let endpoint: String

  // Before the socket it listens to, so that it goes away first.
  private var monitor: ConnectionMonitor
  private let socket: Socket
  private let clock: MonotonicClock
  private let limits: WireLimits
  private let signals: SignalDescriptor
  private let control: ControlChannel?
  private var signal: SignalDescriptor.Signal?
  private var outcome: Outcome?

  private static let turn = Duration.milliseconds(100)
  private static let messagesPerTurn = 64

  /// A server that listens at `endpoint`.
  ///
  /// - Parameter control: the channel to the launcher, if one started this process.
  /// - Throws: ``ZeroMQError`` if it cannot be bound.
  package init(
    core: ServerCore, endpoint: String, context: Context, clock: MonotonicClock,
    signals: consuming SignalDescriptor, control: ControlChannel? = nil
  ) throws(ZeroMQError) {
    let elements = core.optimizer.weights.count
    let limits = WireLimits.model(
      elements: elements, slices: core.settings.recipe.slices)
    var options = SocketOptions()
    options.maximumFrameBytes = Int64(limits.maximumFrameBytes)
    // The core judges silence; a connection that ended before would be a loss before its time.
    let silence = min(core.policy.timing.silence.seconds * 1000, Double(Int32.max))
    options.heartbeatTimeoutMilliseconds = max(
      options.heartbeatTimeoutMilliseconds, Int32(silence))
    let socket = try Socket(.router, context: context, options: options)
    let monitor = try ConnectionMonitor(of: socket)
    self.endpoint = try socket.bind(endpoint)
    self.socket = socket
    self.monitor = monitor
    self.limits = limits
    self.core = core
    self.clock = clock
    self.signals = signals
    self.control = control
  }

  /// Runs until the work is done or the run is told to stop.
  package mutating func run(_ observer: any ServerObserver) throws(ZeroMQError) -> Result {
    var poller = Poller<Source>()
    poller.add(socket, as: .peers)
    poller.add(monitor, as: .connections)
    poller.add(descriptor: signals.descriptor, as: .signals)
    if let control { poller.add(descriptor: control.descriptor, as: .launcher) }
    var lastTurn: Moment?
    while outcome == nil {
      for event in try poller.wait(milliseconds: pause) {
        switch event.key {
        case .peers: try receive(observer)
        case .connections:
          if try monitor.takeDisconnections() > 0 { handle(.disconnected, observer) }
        case .signals: takeSignal(observer)
        case .launcher: if !listenToLauncher(observer) { poller.remove(.launcher) }
        }
      }
      let now = clock.now
      let isDue = lastTurn.map { now.since($0) >= Self.turn } ?? true
      if isDue || core.nextTick.map({ now >= $0 }) ?? false { handle(.tick, observer) }
      guard isDue else { continue }
      lastTurn = now
      for event in observer.turn(at: now) { handle(event, observer) }
    }
    return Result(outcome: outcome ?? .stopped, signal: signal)
  }

  /// Milliseconds to wait for a message, rounded up so that what is due then is due.
  private var pause: Int {
    let left = core.nextTick.map { $0.since(clock.now) } ?? Self.turn
    return Int((min(left, Self.turn).seconds * 1000).rounded(.up))
  }

  private mutating func takeSignal(_ observer: any ServerObserver) {
    guard let signal = signals.next() else { return }
    self.signal = signal
    handle(.stop(reason: "the server got \(signal.name)"), observer)
  }

  /// Hears what the launcher says, and stops in order when it is gone; false if it is.
  private mutating func listenToLauncher(_ observer: any ServerObserver) -> Bool {
    guard let control else { return false }
    for case .exhausted in control.receive() { handle(.workersExhausted, observer) }
    if !control.isOpen {
      signal = signal ?? .terminate
      handle(.stop(reason: "the server's launcher is gone"), observer)
    }
    return control.isOpen
  }

  private mutating func receive(_ observer: any ServerObserver) throws(ZeroMQError) {
    for _ in 0..<Self.messagesPerTurn where outcome == nil {
      do {
        // One frame more than a message has: the address of the peer.
        guard
          let frames = try socket.receive(
            maximumFrames: limits.maximumFrames + 1,
            maximumBytes: limits.maximumFrames * limits.maximumFrameBytes)
        else { return }
        handle(event(of: frames), observer)
      } catch .messageTooLarge(let frames, let bytes, let peer) {
        let reason = "a message of \(frames) frames and \(bytes) bytes is too large"
        handle(.malformed(PeerID(peer), reason: reason), observer)
      }
    }
  }

  private func event(of frames: [Bytes]) -> ServerCore.Event {
    let peer = PeerID(frames.first?.array ?? [])
    do {
      return .received(
        try NumberedMessage(frames: Array(frames.dropFirst()), limits: limits), from: peer)
    } catch {
      return .malformed(peer, reason: "\(error)")
    }
  }

  private mutating func handle(_ event: ServerCore.Event, _ observer: any ServerObserver) {
    var events = [event]
    while !events.isEmpty {
      let now = clock.now
      var effects: [ServerCore.Effect] = []
      core.handle(events.removeFirst(), at: now, effects: &effects)
      // Workers wait for their messages; nobody waits for the reports.
      for case .send(let message, let peer) in effects where !send(message, to: peer) {
        events.append(.unreachable(peer))
      }
      for effect in effects {
        switch effect {
        case .send: break
        case .report(let report):
          observer.observe(report, at: now)
          announce(report)
        case .checkpoint(let state): observer.writeDown(state)
        case .finish(let outcome): self.outcome = outcome
        }
      }
    }
  }

  private func announce(_ report: Report) {
    guard let control, control.announcesSteps, case .stepped(let step) = report else { return }
    control.send(.step(step.step))
  }

  /// Queues a message; false if the peer is gone or does not read.
  private mutating func send(_ message: NumberedMessage, to peer: PeerID) -> Bool {
    do {
      try socket.send([peer.bytes] + message.encoded())
      return true
    } catch {
      return false
    }
  }
}
