package import Wire

/// A worker as a pure state machine: it manages the session with the server and requests
/// computations. It has no clock, socket, dataset or thread.
///
/// States: greeting -> serving -> leaving -> over; when the server is silent it returns to
/// greeting. It looks for its first server for a limited time, and for one that it has lost for
/// the time in that server's welcome.
package struct WorkerCore: Sendable {
  /// An input of the worker.
  package enum Event: Sendable {
    /// A message arrived from the server.
    case received(NumberedMessage)
    /// The server sent bytes that are not a valid message.
    case malformed(reason: String)
    /// The computation requested by ``Effect/compute(_:)`` has finished.
    case computed(LeaseResult)
    /// A requested computation failed.
    case failed(reason: String)
    /// Progress of the computation; the number is arbitrary but grows while it runs.
    case progressed(UInt64)
    /// Time has passed.
    case tick
    /// A request to stop.
    case stop(reason: String)
  }

  /// An output of the worker; effects are performed in order.
  package enum Effect: Sendable {
    /// Send a message to the server.
    case send(NumberedMessage)
    /// Close the connection, discard its queued messages, and open a new one.
    case reconnect
    /// Create the model that these settings describe, for the leases that follow.
    case prepare(Welcome)
    /// Load the weights for the leases that follow.
    case load(PiecewiseVector, version: UInt64)
    /// Compute a lease and return its result.
    case compute(Lease)
    /// The worker has ended.
    case finish(Ending)
  }

  /// The reason for which a worker ended.
  package enum Ending: Sendable, Equatable {
    /// The server does not need the worker any more.
    case completed
    /// The worker was asked to stop.
    case stopped
    /// No server answered in time.
    case unreachable
    /// The server refused the worker.
    case refused(RefusalReason, detail: String)
    /// The worker could not compute its leases, or could not decode the server's messages.
    case failed(String)
  }

  /// The worker's relation to the server.
  package enum Contact: Sendable, Equatable {
    /// No server has answered a hello.
    case searching
    /// A server has accepted the worker, and no weights have arrived.
    case welcomed
    /// Weights have arrived.
    case serving
  }

  private enum Phase {
    case greeting(since: Moment, lastHello: Moment, retryDelay: Duration)
    case serving
    case leaving(reason: String, ending: Ending, since: Moment)
    case over
  }

  private let hello: Hello
  /// Time for which the worker looks for a server, or for the one that it has lost.
  package private(set) var patience: Duration
  private var timing: Timing
  private var phase: Phase
  private var model: UInt64 = 0
  private var progress: UInt64 = 0
  /// The numbers of the greeting, until a welcome opens a session.
  private var greeting = Channel()
  private var session: Session?
  private var lastReceived: Moment
  private var lastHeartbeat: Moment

  /// Delay before an unanswered hello is sent again. It doubles with every attempt, up to the
  /// timeout for silence.
  private static let firstRetryDelay = Duration.seconds(1)

  /// Creates a worker and sends its first hello.
  ///
  /// - Parameters:
  ///   - hello: the hello message that identifies the worker.
  ///   - timing: the time for which it tries to reach a server; the other times come with the
  ///     welcome.
  package init(
    hello: Hello, timing: Timing = Timing(), at now: Moment, effects: inout [Effect]
  ) {
    self.hello = hello
    self.timing = timing
    patience = timing.connect
    phase = .greeting(since: now, lastHello: now, retryDelay: Self.firstRetryDelay)
    lastReceived = now
    lastHeartbeat = now
    send(.hello(hello), effects: &effects)
  }

  /// Whether a server has accepted the worker, now or before.
  package private(set) var hasJoined = false

  /// The worker's relation to the server.
  package var contact: Contact {
    guard let session else { return .searching }
    return session.hasWeights ? .serving : .welcomed
  }

  /// Handles an event and appends the resulting effects.
  package mutating func handle(_ event: Event, at now: Moment, effects: inout [Effect]) {
    if case .over = phase { return }
    switch event {
    case .received(let numbered):
      lastReceived = now
      switch session?.receive(numbered) ?? greeting.receive(numbered) {
      case .next: receive(numbered.message, at: now, effects: &effects)
      case .gap: restartSession(at: now, effects: &effects)
      case .repeated: break
      }
    case .malformed(let reason):
      let detail = "the server sent bytes that are not a valid message: \(reason)"
      leave(detail, .failed(reason), at: now, effects: &effects)
    case .computed(let result):
      session?.push(result, effects: &effects)
    case .failed(let reason):
      session?.drop()
      leave(reason, .failed(reason), at: now, effects: &effects)
    case .progressed(let progress):
      self.progress = progress
    case .tick:
      tick(at: now, effects: &effects)
    case .stop(let reason):
      leave(reason, .stopped, at: now, effects: &effects)
    }
    if case .over = phase { return }  // nothing follows the end
    session?.sendPieces(&effects)
    if case .leaving(let reason, let ending, _) = phase, session?.isDrained != false {
      sendFarewell(reason, ending, effects: &effects)
    }
  }

  private mutating func receive(_ message: Message, at now: Moment, effects: inout [Effect]) {
    switch (message, phase) {
    case (.welcome(let welcome), .greeting):
      beginSession(welcome, at: now, effects: &effects)
    case (.grant(let grant), .serving):
      if let reason = session?.accept(grant, effects: &effects) {
        leaveAfterViolation(reason, at: now, effects: &effects)
      }
    case (.piece(let piece), .serving):
      if let reason = session?.add(piece, effects: &effects) {
        leaveAfterViolation(reason, at: now, effects: &effects)
      }
    case (.piece(let piece), .leaving):  // may be of a grant that was ignored
      _ = session?.add(piece, effects: &effects)
    case (.drain(let drain), .serving), (.drain(let drain), .greeting):
      session?.drop()  // the server no longer needs the results
      leave(drain.reason, .completed, at: now, effects: &effects)
    case (.refusal(let refusal), .serving) where refusal.reason == .unknownMember:
      restartSession(at: now, effects: &effects)
    case (.refusal(let refusal), .greeting) where refusal.reason == .finished && hasJoined:
      // It was a member, and disconnected when the others were drained.
      finish(.completed, effects: &effects)
    case (.refusal(let refusal), _) where refusal.reason != .unknownMember:
      finish(.refused(refusal.reason, detail: refusal.detail), effects: &effects)
    case (.farewell, _):
      finish(.completed, effects: &effects)
    default: break  // a heartbeat, or an answer to a former session
    }
  }

  private mutating func beginSession(_ welcome: Welcome, at now: Moment, effects: inout [Effect]) {
    timing.heartbeat = .milliseconds(max(welcome.heartbeatMilliseconds, 1))
    timing.silence = .milliseconds(max(welcome.silenceMilliseconds, 1))
    if let settings = try? TrainingSettings(welcome.settings) { model = settings.fingerprint }
    patience = .milliseconds(welcome.patienceMilliseconds)
    hasJoined = true
    lastHeartbeat = now
    phase = .serving
    session = Session(welcome, channel: greeting)
    effects.append(.prepare(welcome))
    send(.ready, effects: &effects)
  }

  private mutating func tick(at now: Moment, effects: inout [Effect]) {
    switch phase {
    case .greeting(let since, let lastHello, let retryDelay):
      if now.since(since) >= patience {
        finish(.unreachable, effects: &effects)
      } else if now.since(lastHello) >= retryDelay {
        let next = min(retryDelay * 2, timing.silence)
        phase = .greeting(since: since, lastHello: now, retryDelay: next)
        sendHello(effects: &effects)
      }
    case .leaving(let reason, let ending, let since) where now.since(since) > timing.stall:
      sendFarewell(reason, ending, effects: &effects)
    case .serving, .leaving:
      if now.since(lastReceived) > timing.silence {
        restartSession(at: now, effects: &effects)
      } else if now.since(lastHeartbeat) >= timing.heartbeat {
        lastHeartbeat = now
        guard session?.channel.acceptsHeartbeat != false else { return }
        send(.heartbeat(Heartbeat(progress: progress)), effects: &effects)
      }
    case .over: break
    }
  }

  /// Starts a new session; leases of the former one are dropped.
  private mutating func restartSession(at now: Moment, effects: inout [Effect]) {
    session = nil
    switch phase {
    case .leaving(_, let ending, _): finish(ending, effects: &effects)
    case .serving:
      phase = .greeting(since: now, lastHello: now, retryDelay: Self.firstRetryDelay)
      sendHello(effects: &effects)
    case .greeting, .over: break
    }
  }

  private mutating func sendHello(effects: inout [Effect]) {
    var hello = hello
    hello.model = model
    greeting = Channel()
    effects.append(.reconnect)
    send(.hello(hello), effects: &effects)
  }

  private mutating func send(_ message: Message, effects: inout [Effect]) {
    effects.append(.send(session?.number(message) ?? greeting.number(message)))
  }

  /// Ends the worker after its current leases have been pushed; a second request ends it at once.
  private mutating func leave(
    _ reason: String, _ ending: Ending, at now: Moment, effects: inout [Effect]
  ) {
    switch phase {
    case .serving where session?.isDrained == false:
      phase = .leaving(reason: reason, ending: ending, since: now)
    case .greeting: finish(ending, effects: &effects)
    case .serving, .leaving: sendFarewell(reason, ending, effects: &effects)
    case .over: break
    }
  }

  private mutating func leaveAfterViolation(
    _ reason: String, at now: Moment, effects: inout [Effect]
  ) {
    session?.drop()
    let ending = Ending.failed("the server violated the protocol: \(reason)")
    leave(reason, ending, at: now, effects: &effects)
  }

  private mutating func sendFarewell(
    _ reason: String, _ ending: Ending, effects: inout [Effect]
  ) {
    send(.farewell(Farewell(reason: reason)), effects: &effects)
    finish(ending, effects: &effects)
  }

  private mutating func finish(_ ending: Ending, effects: inout [Effect]) {
    phase = .over
    effects.append(.finish(ending))
  }
}
