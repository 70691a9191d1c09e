/// One thing that is done to a process of a training when the training has come to a step.
package struct ChaosEvent: Hashable, Sendable, CustomStringConvertible {
  /// What is done.
  package enum Action: String, Hashable, Sendable {
    /// SIGKILL; then the rule for crashes applies.
    case kill
    /// SIGKILL, and a new start at once.
    case restart
    /// SIGTERM.
    case term
    /// SIGSTOP, and SIGCONT after a time.
    case stop
  }

  /// To whom.
  package enum Target: Hashable, Sendable {
    /// The server.
    case server
    /// A worker, counted from 1.
    case worker(Int)
  }

  /// What is done.
  package let action: Action
  /// To whom.
  package let target: Target
  /// After which update.
  package let step: UInt64
  /// How long a stop lasts; zero for other actions.
  package let pause: Duration
  /// The event as it was written.
  package let description: String
}

/// Events that are still to come, each of which comes once: what `--chaos` says.
package struct Chaos: Hashable, Sendable {
  /// The form of an event, for people.
  package static let grammar =
    "write kill|restart|term:TARGET@STEP or stop:TARGET@STEP+SECONDSs, where TARGET is server or "
    + "worker:N"
  /// The longest stop in seconds.
  package static let longestPause = 3600.0

  /// The events to come, in the order in which they were written.
  package private(set) var events: [ChaosEvent] = []

  /// No events.
  package init() {}

  /// The events that a text lists, with commas between them.
  ///
  /// - Throws: ``ChaosError``, naming the item.
  package init(_ text: String) throws(ChaosError) {
    for item in text.split(separator: ",", omittingEmptySubsequences: false) {
      events.append(try ChaosEvent(String(item)))
    }
  }

  /// The highest number of a worker that is meant.
  package var highestWorker: Int {
    events.map { if case .worker(let number) = $0.target { number } else { 0 } }.max() ?? 0
  }

  /// Takes out the events that are due once `step` is reached. Steps may be counted again from an
  /// earlier one; what was taken out does not come back.
  package mutating func take(at step: UInt64) -> [ChaosEvent] {
    let due = events.filter { $0.step <= step }
    events.removeAll { $0.step <= step }
    return due
  }
}

/// Why a text lists no events.
package enum ChaosError: Error, Hashable, CustomStringConvertible {
  /// An action that there is not.
  case action(item: String)
  /// Neither the server nor a worker with a number from 1.
  case target(item: String)
  /// No step, or none from 1.
  case step(item: String)
  /// A stop without an end, or an end of something else.
  case pause(item: String)

  /// One line: the item, what is wrong with it, and how it is written.
  package var description: String {
    switch self {
    case .action(let item): "'\(item)' has no action; \(Chaos.grammar)"
    case .target(let item): "'\(item)' has no target; \(Chaos.grammar)"
    case .step(let item): "'\(item)' has no step from 1; \(Chaos.grammar)"
    case .pause(let item):
      "'\(item)': stop, and nothing else, has a time above 0 and up to 3600 s; \(Chaos.grammar)"
    }
  }
}

extension ChaosEvent {
  /// The event that an item describes.
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
