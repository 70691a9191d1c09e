package import Wire

/// A worker as a pure state machine: it speaks with the server and says what is to be computed. It
/// has no clock, no socket, no dataset and no thread.
///
/// greeting -> serving -> leaving -> over; a server that falls silent takes it back to greeting.
package struct WorkerCore: Sendable {
  /// What may happen to a worker.
  package enum Event: Sendable {
    /// A message came from the server.
    case received(NumberedMessage)
    /// Bytes came that are no message.
    case malformed(reason: String)
    /// What ``Effect/compute(_:)`` asked for is done.
    case computed(LeaseResult)
    /// What was asked for cannot be done.
    case failed(reason: String)
    /// The computation has come so far; the number is any that grows while it moves.
    case progressed(UInt64)
    /// Time has passed.
    case tick
    /// The worker is to end.
    case stop(reason: String)
  }

  /// What a worker wants done, in this order.
  package enum Effect: Sendable {
    /// Send a message to the server.
    case send(NumberedMessage)
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
  package enum Ending: Sendable, Equatable {
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
    case greeting(since: Moment, lastHello: Moment, pause: Duration)
    case serving
    case leaving(reason: String, ending: Ending, since: Moment)
    case over
  }

  private let hello: Hello
  private let patience: Duration
  private var timing: Timing
  private var phase: Phase
  private var model: UInt64 = 0
  private var held: [LeaseID] = []
  private var progress: UInt64 = 0
  private var numbers = SessionNumbers()
  private var lastHeard: Moment
  private var lastHeartbeat: Moment

  /// The pause after the first hello that nobody answers; each further one is twice as long, up to
  /// the silence that means a loss.
  private static let firstPause = Duration.seconds(1)

  /// A worker that is about to look for its server.
  ///
  /// - Parameters:
  ///   - hello: how it introduces itself.
  ///   - timing: how long it looks for a server; the rest comes with the welcome.
  package init(
    hello: Hello, timing: Timing = Timing(), at now: Moment, effects: inout [Effect]
  ) {
    self.hello = hello
    self.timing = timing
    patience = timing.connect
    phase = .greeting(since: now, lastHello: now, pause: Self.firstPause)
    lastHeard = now
    lastHeartbeat = now
    send(.hello(hello), effects: &effects)
  }

  /// Takes note of an event and appends what is to be done about it.
  package mutating func handle(_ event: Event, at now: Moment, effects: inout [Effect]) {
    if case .over = phase { return }
    switch event {
    case .received(let numbered):
      lastHeard = now
      switch numbers.take(numbered.number) {
      case .next: receive(numbered.message, at: now, effects: &effects)
      case .gap: greetAgain(at: now, effects: &effects)
      case .repeated: break
      }
    case .malformed(let reason):
      let words = "the server's bytes are no message: \(reason)"
      leave(words, .failed(reason), at: now, effects: &effects)
    case .computed(let result):
      push(result, effects: &effects)
    case .failed(let reason):
      held = []
      leave(reason, .failed(reason), at: now, effects: &effects)
    case .progressed(let progress):
      self.progress = progress
    case .tick:
      tick(at: now, effects: &effects)
    case .stop(let reason):
      leave(reason, .stopped, at: now, effects: &effects)
    }
  }

  private mutating func receive(_ message: Message, at now: Moment, effects: inout [Effect]) {
    switch (message, phase) {
    case (.welcome(let welcome), .greeting):
      enter(welcome, at: now, effects: &effects)
    case (.grant(let grant), .serving):
      take(grant, effects: &effects)
    case (.drain(let drain), .serving), (.drain(let drain), .greeting):
      held = []  // nobody waits for it any more
      leave(drain.reason, .completed, at: now, effects: &effects)
    case (.refusal(let refusal), .serving) where refusal.reason == .unknownMember:
      greetAgain(at: now, effects: &effects)
    case (.refusal(let refusal), .greeting) where refusal.reason == .finished && model != 0:
      finish(.completed, effects: &effects)  // it took part, and was away when all were sent home
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
    send(.ready, effects: &effects)
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
    send(.push(Push(result: result)), effects: &effects)
    if held.isEmpty, case .leaving(let reason, let ending, _) = phase {
      depart(reason, ending, effects: &effects)
    }
  }

  private mutating func tick(at now: Moment, effects: inout [Effect]) {
    switch phase {
    case .greeting(let since, let lastHello, let pause):
      if now.since(since) >= patience {
        finish(.unreachable, effects: &effects)
      } else if now.since(lastHello) >= pause {
        let next = min(pause * 2, timing.silence)
        phase = .greeting(since: since, lastHello: now, pause: next)
        sayHello(effects: &effects)
      }
    case .leaving(let reason, let ending, let since) where now.since(since) > timing.stall:
      depart(reason, ending, effects: &effects)
    case .serving, .leaving:
      if now.since(lastHeard) > timing.silence {
        greetAgain(at: now, effects: &effects)
      } else if now.since(lastHeartbeat) >= timing.heartbeat {
        lastHeartbeat = now
        send(.heartbeat(Heartbeat(progress: progress)), effects: &effects)
      }
    case .over: break
    }
  }

  /// Looks for the server anew; what is being computed counts no more.
  private mutating func greetAgain(at now: Moment, effects: inout [Effect]) {
    held = []
    switch phase {
    case .leaving(_, let ending, _): finish(ending, effects: &effects)
    case .serving:
      phase = .greeting(since: now, lastHello: now, pause: Self.firstPause)
      sayHello(effects: &effects)
    case .greeting, .over: break
    }
  }

  private mutating func sayHello(effects: inout [Effect]) {
    var hello = hello
    hello.model = model
    numbers = SessionNumbers()
    effects.append(.reconnect)
    send(.hello(hello), effects: &effects)
  }

  private mutating func send(_ message: Message, effects: inout [Effect]) {
    effects.append(.send(numbers.number(message)))
  }

  /// Ends the worker as soon as it has pushed what it holds; the second time, at once.
  private mutating func leave(
    _ reason: String, _ ending: Ending, at now: Moment, effects: inout [Effect]
  ) {
    switch phase {
    case .serving where !held.isEmpty:
      phase = .leaving(reason: reason, ending: ending, since: now)
    case .greeting: finish(ending, effects: &effects)
    case .serving, .leaving: depart(reason, ending, effects: &effects)
    case .over: break
    }
  }

  private mutating func depart(
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
