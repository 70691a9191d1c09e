import Coordination
import Dispatch
import Learning
import Storage
import Synchronization

/// Writes checkpoints in a thread of its own, so that the server does not wait for the disk.
///
/// At most one state is queued; a newer one replaces it.
final class CheckpointWriter: Sendable {
  /// The outcome of writing one state.
  enum Outcome: Sendable, Equatable {
    /// The state is stored in this file.
    case written(step: UInt64, isEvaluated: Bool, path: String)
    /// The state could not be written.
    case failed(step: UInt64, isEvaluated: Bool, reason: String)

    /// The outcome for the server.
    var summary: CheckpointOutcome {
      switch self {
      case .written(let step, let isEvaluated, _): (step, isEvaluated, true)
      case .failed(let step, let isEvaluated, _): (step, isEvaluated, false)
      }
    }
  }

  private let queue = DispatchQueue(label: "checkpoints")
  private let waiting = Mutex<ServerState?>(nil)
  private let outcomes = Mutex<[Outcome]>([])
  private let write: @Sendable (ServerState) throws -> String

  /// Creates a writer that passes states to `write`, which returns the path of the file.
  init(_ write: @escaping @Sendable (ServerState) throws -> String) {
    self.write = write
  }

  /// Queues a state.
  func put(_ state: ServerState) {
    waiting.withLock { $0 = state }
    queue.async { [self] in writeNewest() }
  }

  /// Waits until the queue is empty and the last write has ended.
  func finish() { queue.sync {} }

  /// Returns the outcomes since the last call.
  func takeOutcomes() -> [Outcome] {
    outcomes.withLock { outcomes in
      defer { outcomes = [] }
      return outcomes
    }
  }

  private func writeNewest() {
    let newest = waiting.withLock { waiting in
      defer { waiting = nil }
      return waiting
    }
    guard let state = newest else { return }
    let (step, isEvaluated) = (state.optimizer.step, state.isEvaluated)
    let outcome: Outcome
    do {
      outcome = .written(step: step, isEvaluated: isEvaluated, path: try write(state))
    } catch {
      outcome = .failed(
        step: step, isEvaluated: isEvaluated, reason: SystemReason.text(of: error))
    }
    outcomes.withLock { $0.append(outcome) }
  }
}
