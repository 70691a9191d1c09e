import Coordination

/// How a child process ended.
enum ChildEnding: Hashable, Sendable {
  /// By itself, with this code.
  case exited(ExitStatus)
  /// By a signal that it did not handle.
  case killed(signal: Int32)
  /// It never began, for this reason.
  case unstarted(reason: String)
}

/// Which ended children are started again, how often, and after what pause.
struct RestartPolicy: Hashable, Sendable {
  /// What a child does.
  enum Role: Hashable, Sendable {
    case server
    case worker
  }

  /// What follows from an ending.
  enum Decision: Hashable, Sendable {
    /// It ended as it should, or for a reason that would be the same next time.
    case over
    /// It would be started again, but has been often enough.
    case exhausted
    /// It is to be started again after a pause.
    case restart(after: Duration)
  }

  /// The pause before the first restart; each further one is twice as long, up to the longest.
  static let firstPause = Duration.milliseconds(250)
  /// The longest pause.
  static let longestPause = Duration.seconds(8)
  /// After a life as long as this the next pause is the first one again.
  static let longLife = Duration.seconds(60)

  let role: Role
  /// Restarts there may be.
  let limit: Int
  /// Restarts there were, those after a provoked ending left out.
  private(set) var restarts = 0
  private var pause = Self.firstPause

  /// A policy with so many restarts.
  init(_ role: Role, limit: Int) {
    self.role = role
    self.limit = limit
  }

  /// What follows from an ending after a life of some length.
  ///
  /// - Parameter isProvoked: whether the child was killed on purpose, which is not counted.
  mutating func decide(
    on ending: ChildEnding, life: Duration, isProvoked: Bool = false
  ) -> Decision {
    guard !isFinal(ending) else { return .over }
    guard limit > 0, isProvoked || restarts < limit else { return .exhausted }
    if life >= Self.longLife { pause = Self.firstPause }
    let pause = pause
    if !isProvoked {
      restarts += 1
      self.pause = min(pause * 2, Self.longestPause)
    }
    return .restart(after: pause)
  }

  private func isFinal(_ ending: ChildEnding) -> Bool {
    guard case .exited(let status) = ending else { return false }
    switch role {
    case .worker:
      return [.finished, .usage, .badData, .unavailable, .badSettings].contains(status)
    case .server:
      return status != .ruleBroken
        && (ExitStatus.meanings.map(\.status) + ExitStatus.stopped).contains(status)
    }
  }
}
