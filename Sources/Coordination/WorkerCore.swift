public import Wire

/// A worker as a pure state machine: it speaks with the server and says what is to be computed. It
/// has no clock, no socket, no dataset and no thread.
///
/// greeting -> serving -> leaving -> over; a server that falls silent takes it back to greeting.
public struct WorkerCore: Sendable {
  /// What may happen to a worker.
  public enum Event: Sendable {
    /// A message came from the server.
    case received(Message)
    /// Bytes came that are no message.
    case malformed(reason: String)
    /// What ``Effect/compute(_:)`` asked for is done.
    case computed(LeaseResult)
    /// What was asked for cannot be done.
    case failed(reason: String)
    /// Time has passed.
    case tick
    /// The worker is to end.
    case stop(reason: String)
  }

  /// What a worker wants done, in this order.
  public enum Effect: Sendable {
    /// Send a message to the server.
    case send(Message)
    /// Drop the connection, with all that waits in it, and make a new one.
    case reconnect
    /// Make the model that these settings describe; what follows is computed with it.
    case prepare(Welcome)
    /// Use these weights for the leases that follow.
    case load(EncodedTensor, version: UInt64)
    /// Compute a lease and come back with its result.
    case compute(Lease)
    /// The worker is at its end.
    case finish(Ending)
  }

  /// How a worker ends.
  public enum Ending: Sendable, Equatable {
    /// The server needs it no more.
    case completed
    /// It was told to stop.
    case stopped
    /// No server answered in time.
    case unreachable
    /// The server does not want it.
    case refused(RefusalReason, detail: String)
    /// It cannot do its work.
    case failed(String)
  }

  private enum Phase {
    case greeting(since: Moment, lastHello: Moment)
    case serving
    case leaving(reason: String, ending: Ending)
    case over
  }

  private let hello: Hello
  private let patience: Duration
  private var timing: Timing
  private var phase: Phase
  private var model: UInt64 = 0
  private var held: [LeaseID] = []
  private var samples: UInt64 = 0
  private var lastHeard: Moment
  private var lastHeartbeat: Moment

  /// A worker that is about to look for its server.
  ///
  /// - Parameters:
  ///   - hello: how it introduces itself.
  ///   - timing: how long it looks for a server; the rest comes with the welcome.
  public init(
    hello: Hello, timing: Timing = Timing(), at now: Moment, effects: inout [Effect]
  ) {
    self.hello = hello
    self.timing = timing
    patience = timing.connect
    phase = .greeting(since: now, lastHello: now)
    lastHeard = now
    lastHeartbeat = now
    effects.append(.send(.hello(hello)))
  }

  /// Takes note of an event and appends what is to be done about it.
  public mutating func handle(_ event: Event, at now: Moment, effects: inout [Effect]) {
    if case .over = phase { return }
    switch event {
    case .received(let message):
      lastHeard = now
      receive(message, at: now, effects: &effects)
    case .malformed(let reason):
      leave("the server's bytes are no message: \(reason)", .failed(reason), effects: &effects)
    case .computed(let result):
      push(result, effects: &effects)
    case .failed(let reason):
      held = []
      leave(reason, .failed(reason), effects: &effects)
    case .tick:
      tick(at: now, effects: &effects)
    case .stop(let reason):
      leave(reason, .stopped, effects: &effects)
    }
  }

  private mutating func receive(_ message: Message, at now: Moment, effects: inout [Effect]) {
    switch (message, phase) {
    case (.welcome(let welcome), .greeting):
      enter(welcome, at: now, effects: &effects)
    case (.grant(let grant), .serving):
      take(grant, effects: &effects)
    case (.drain(let drain), .serving), (.drain(let drain), .greeting):
      leave(drain.reason, .completed, effects: &effects)
    case (.refusal(let refusal), .serving) where refusal.reason == .unknownMember:
      greetAgain(at: now, effects: &effects)
    case (.refusal(let refusal), _) where refusal.reason != .unknownMember:
      finish(.refused(refusal.reason, detail: refusal.detail), effects: &effects)
    case (.farewell, _):
      finish(.completed, effects: &effects)
    default: break  // a heartbeat, or an answer that came too late to matter
    }
  }

  private mutating func enter(_ welcome: Welcome, at now: Moment, effects: inout [Effect]) {
    timing.heartbeat = .milliseconds(max(welcome.heartbeatMilliseconds, 1))
    timing.silence = .milliseconds(max(welcome.silenceMilliseconds, 1))
    if let settings = try? TrainingSettings(welcome.settings) { model = settings.fingerprint }
    lastHeartbeat = now
    phase = .serving
    effects.append(.prepare(welcome))
    effects.append(.send(.ready))
  }

  private mutating func take(_ grant: Grant, effects: inout [Effect]) {
    if let weights = grant.weights { effects.append(.load(weights, version: grant.version)) }
    for lease in grant.leases {
      held.append(lease.id)
      effects.append(.compute(lease))
    }
  }

  private mutating func push(_ result: LeaseResult, effects: inout [Effect]) {
    guard let index = held.firstIndex(of: result.id) else { return }  // of an earlier session
    held.remove(at: index)
    samples += result.sums.reduce(0) { $0 + $1.count }
    effects.append(.send(.push(Push(result: result))))
    if held.isEmpty, case .leaving(let reason, let ending) = phase {
      leave(reason, ending, effects: &effects)
    }
  }

  private mutating func tick(at now: Moment, effects: inout [Effect]) {
    switch phase {
    case .greeting(let since, let lastHello):
      if now.since(since) >= patience {
        finish(.unreachable, effects: &effects)
      } else if now.since(lastHello) >= timing.silence {
        phase = .greeting(since: since, lastHello: now)
        sayHello(effects: &effects)
      }
    case .serving, .leaving:
      if now.since(lastHeard) > timing.silence {
        greetAgain(at: now, effects: &effects)
      } else if now.since(lastHeartbeat) >= timing.heartbeat {
        lastHeartbeat = now
        effects.append(.send(.heartbeat(Heartbeat(samples: samples))))
      }
    case .over: break
    }
  }

  /// Looks for the server anew; what is being computed counts no more.
  private mutating func greetAgain(at now: Moment, effects: inout [Effect]) {
    held = []
    if case .leaving(_, let ending) = phase {
      finish(ending, effects: &effects)
      return
    }
    phase = .greeting(since: now, lastHello: now)
    sayHello(effects: &effects)
  }

  private mutating func sayHello(effects: inout [Effect]) {
    var hello = hello
    hello.model = model
    effects.append(.reconnect)
    effects.append(.send(.hello(hello)))
  }

  /// Ends the worker as soon as it has pushed what it holds.
  private mutating func leave(_ reason: String, _ ending: Ending, effects: inout [Effect]) {
    guard case .serving = phase, !held.isEmpty else {
      if case .greeting = phase {
      } else {
        effects.append(.send(.farewell(Farewell(reason: reason))))
      }
      finish(ending, effects: &effects)
      return
    }
    phase = .leaving(reason: reason, ending: ending)
  }

  private mutating func finish(_ ending: Ending, effects: inout [Effect]) {
    phase = .over
    effects.append(.finish(ending))
  }
}
