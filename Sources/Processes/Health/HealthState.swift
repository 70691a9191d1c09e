package import Coordination
import Synchronization
import Wire

/// The health of a server: the server's thread publishes it, and the thread of the health
/// endpoint reads it.
package final class HealthState: Sendable {
  /// The answer to a question about the server.
  package struct Answer: Sendable, Equatable {
    /// Whether the answer is yes.
    package let isGood: Bool
    /// The reason, one line.
    package let reason: String
  }

  private enum State {
    case starting
    case turning(RunStatus, last: Moment)
    case ended
  }

  /// The time without a turn after which the loop counts as stuck.
  package static let mostSilence = Duration.seconds(10)

  private let state = Mutex(State.starting)

  /// Creates the state of a server that does not listen yet.
  package init() {}

  /// Records a turn of the server's loop.
  func publish(_ status: RunStatus, at now: Moment) {
    state.withLock { $0 = .turning(status, last: now) }
  }

  /// Records that the loop has ended: the server writes its last files.
  func end() { state.withLock { $0 = .ended } }

  /// Whether the server works: its loop turns, or it is about to begin or to end.
  package func health(at now: Moment) -> Answer {
    guard case .turning(_, let last) = state.withLock({ $0 }) else {
      return Answer(isGood: true, reason: "ok")
    }
    let silence = now > last ? now.since(last) : .zero
    guard silence >= Self.mostSilence else { return Answer(isGood: true, reason: "ok") }
    return Answer(
      isGood: false,
      reason: "the server's loop has not turned for \(silence.components.seconds) s")
  }

  /// Whether the server listens and has enough workers.
  package func readiness(at now: Moment) -> Answer {
    let health = health(at: now)
    guard health.isGood else { return health }
    switch state.withLock({ $0 }) {
    case .starting: return Answer(isGood: false, reason: "the server starts")
    case .ended: return Answer(isGood: false, reason: "the server ends")
    case .turning(let status, _): return Self.readiness(status)
    }
  }

  private static func readiness(_ status: RunStatus) -> Answer {
    switch status.phase {
    case .training, .evaluating: Answer(isGood: true, reason: "ok")
    case .waiting:
      Answer(
        isGood: false,
        reason: "waiting for workers: \(status.readyWorkers) of \(status.neededWorkers) are ready")
    case .complete: Answer(isGood: false, reason: "the run is complete")
    case .stopped: Answer(isGood: false, reason: "the run stops")
    case .diverged: Answer(isGood: false, reason: "the training diverged")
    }
  }
}
