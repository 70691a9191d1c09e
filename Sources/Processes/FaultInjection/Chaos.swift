/// A fault that is injected into one process of a training when the training has reached a step.
package struct ChaosEvent: Hashable, Sendable, CustomStringConvertible {
  /// The kind of a fault.
  package enum Action: String, Hashable, Sendable {
    /// SIGKILL, followed by a restart as after a crash.
    case kill
    /// SIGKILL, followed by an immediate restart.
    case restart
    /// SIGTERM.
    case term
    /// SIGSTOP, followed by SIGCONT after a pause.
    case stop
  }

  /// The process that a fault is injected into.
  package enum Target: Hashable, Sendable {
    /// The server.
    case server
    /// The worker with this number, counted from 1.
    case worker(Int)
  }

  /// The kind of the fault.
  package let action: Action
  /// The process.
  package let target: Target
  /// The step after which the event is due.
  package let step: UInt64
  /// The length of a stop; zero for other actions.
  package let pause: Duration
  /// The event as the user wrote it.
  package let description: String
}

/// The pending events of the option `--chaos`; each is triggered once.
package struct Chaos: Hashable, Sendable {
  /// The syntax of an event, for error messages.
  package static let grammar =
    "use kill|restart|term:TARGET@STEP or stop:TARGET@STEP+SECONDSs, where TARGET is server or "
    + "worker:N"
  /// The longest stop in seconds.
  package static let longestPause = 3600.0

  /// The pending events in the order in which the user wrote them.
  package private(set) var events: [ChaosEvent] = []

  /// Creates a list without events.
  package init() {}

  /// Parses a comma-separated list of events.
  ///
  /// - Throws: ``ChaosError`` with the first item that is not an event.
  package init(_ text: String) throws(ChaosError) {
    for item in text.split(separator: ",", omittingEmptySubsequences: false) {
      events.append(try ChaosEvent(String(item)))
    }
  }

  /// The highest number of a worker in the events.
  package var highestWorker: Int {
    events.map { if case .worker(let number) = $0.target { number } else { 0 } }.max() ?? 0
  }

  /// Removes and returns the events that are due once `step` is reached. After the restart of a
  /// server, earlier steps may follow; the events are not triggered again.
  package mutating func take(at step: UInt64) -> [ChaosEvent] {
    let due = events.filter { $0.step <= step }
    events.removeAll { $0.step <= step }
    return due
  }
}

/// An error in the syntax of an event.
package enum ChaosError: Error, Hashable, CustomStringConvertible {
  /// The action is not one of the four.
  case action(item: String)
  /// The target is neither `server` nor `worker:N` with N from 1.
  case target(item: String)
  /// The step is missing or is not a number from 1.
  case step(item: String)
  /// A stop has no valid time, or another action has a time.
  case pause(item: String)

  /// One line: the item, the fault, and the syntax.
  package var description: String {
    switch self {
    case .action(let item): "'\(item)' has no valid action; \(Chaos.grammar)"
    case .target(let item): "'\(item)' has no valid target; \(Chaos.grammar)"
    case .step(let item): "'\(item)' has no step of 1 or more; \(Chaos.grammar)"
    case .pause(let item):
      "'\(item)': only stop has a time, above 0 and up to 3600 s; \(Chaos.grammar)"
    }
  }
}

extension ChaosEvent {
  /// Parses one event.
  init(_ item: String) throws(ChaosError) {
    let halves = Self.parts(item, "@")
    let words = Self.parts(halves[0], ":")
    guard let action = Action(rawValue: words[0]) else { throw .action(item: item) }
    guard let target = Target(words.dropFirst()) else { throw .target(item: item) }
    let times = Self.parts(halves.count == 2 ? halves[1] : "", "+")
    guard let step = UInt64(times[0]), step > 0 else { throw .step(item: item) }
    let pause = times.count == 2 ? Self.seconds(times[1]) : nil
    guard times.count == (action == .stop ? 2 : 1), (action == .stop) == (pause != nil) else {
      throw .pause(item: item)
    }
    self.action = action
    self.target = target
    self.step = step
    self.pause = pause ?? .zero
    description = item
  }

  private static func parts(_ text: String, _ separator: Character) -> [String] {
    text.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
  }

  private static func seconds(_ text: String) -> Duration? {
    guard text.hasSuffix("s"), let seconds = Double(text.dropLast()),
      seconds > 0, seconds <= Chaos.longestPause
    else { return nil }
    return .seconds(seconds)
  }
}

extension ChaosEvent.Target {
  fileprivate init?(_ words: ArraySlice<String>) {
    switch (words.first, words.count) {
    case ("server", 1): self = .server
    case ("worker", 2):
      guard let number = words.last.flatMap({ Int($0) }), number > 0 else { return nil }
      self = .worker(number)
    default: return nil
    }
  }
}
