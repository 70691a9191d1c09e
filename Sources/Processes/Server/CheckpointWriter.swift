import Coordination
import Dispatch
import Learning
import Synchronization

/// Writes states down in a thread of its own, so that the server never waits for the disk.
///
/// At most one state waits; a newer one takes its place.
final class CheckpointWriter: Sendable {
  /// What became of a state.
  enum Outcome: Sendable, Equatable {
    /// It is in this file.
    case written(step: UInt64, path: String)
    /// It could not be written.
    case failed(step: UInt64, reason: String)
  }

  private let queue = DispatchQueue(label: "checkpoints")
  private let waiting = Mutex<ServerState?>(nil)
  private let outcomes = Mutex<[Outcome]>([])
  private let write: @Sendable (ServerState) throws -> String

  /// A writer that calls `write` for a state, which returns the path of the file.
  init(_ write: @escaping @Sendable (ServerState) throws -> String) {
    self.write = write
  }

  /// Hands over a state to be written.
  func put(_ state: ServerState) {
    waiting.withLock { $0 = state }
    queue.async { [self] in writeNewest() }
  }

  /// Waits until nothing is left to be written.
  func finish() { queue.sync {} }

  /// What has become of the states since this was last asked.
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
    let step = state.optimizer.step
    let outcome: Outcome
    do {
      outcome = .written(step: step, path: try write(state))
    } catch {
      outcome = .failed(step: step, reason: "\(error)")
    }
    outcomes.withLock { $0.append(outcome) }
  }
}
