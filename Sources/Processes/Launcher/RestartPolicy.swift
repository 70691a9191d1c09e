import Coordination

/// The end of a child process.
enum ChildEnding: Hashable, Sendable {
  /// It exited with this code.
  case exited(ExitStatus)
  /// A signal that it did not handle has ended it.
  case killed(signal: Int32)
  /// It could not be started, for this reason.
  case unstarted(reason: String)
}

/// Decides whether a child that has ended is restarted, and after which pause.
struct RestartPolicy: Hashable, Sendable {
  /// The kind of a child.
  enum Role: Hashable, Sendable {
    case server
    case worker
  }

  /// The consequence of an end.
  enum Decision: Hashable, Sendable {
    /// It ended in order, or for a reason that a restart does not change.
    case over
    /// It has reached the limit of its restarts.
    case exhausted
    /// It is restarted after a pause.
    case restart(after: Duration)
  }

  /// The pause before the first restart; it doubles with each further one, up to the longest.
  static let firstPause = Duration.milliseconds(250)
  /// The longest pause.
  static let longestPause = Duration.seconds(8)
  /// The lifetime after which the next pause is the first one again.
  static let longLife = Duration.seconds(60)

  let role: Role
  /// Limit on the restarts.
  let limit: Int
  /// Restarts so far, without those after an end that was caused on purpose.
  private(set) var restarts = 0
  private var pause = Self.firstPause

  /// Creates a policy that permits `limit` restarts.
  init(_ role: Role, limit: Int) {
    self.role = role
    self.limit = limit
  }

  /// Returns the consequence of an end after a lifetime of `life`.
  ///
  /// - Parameter isProvoked: whether the end was caused on purpose; such a restart is not counted.
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
      return [.finished, .usage, .badData, .unavailable, .faultyMachine, .badSettings]
        .contains(status)
    case .server:
      return status != .ruleBroken
        && (ExitStatus.meanings.map(\.status) + ExitStatus.stopped).contains(status)
    }
  }
}
