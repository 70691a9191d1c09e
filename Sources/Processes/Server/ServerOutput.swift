package import Coordination
package import Wire

/// The outcome of storing one state of a server.
package typealias CheckpointOutcome = (version: UInt64, isEvaluated: Bool, succeeded: Bool)

/// Receiver of what a ``ServerProcess`` produces. All calls come from the server's thread, which
/// they must not block for long.
package protocol ServerOutput: AnyObject {
  /// Receives a report of the core.
  func receive(_ report: Report, at now: Moment)
  /// Receives a state to store, without waiting for the disk.
  func checkpoint(_ state: ServerState)
  /// Returns the outcomes of the states that were stored, or could not be stored, since the last
  /// call, in order. A state that a newer one replaced before it was stored has no outcome.
  func takeCheckpointOutcomes() -> [CheckpointOutcome]
  /// Receives the error of a list of keys that has changed and cannot be used.
  func keysFailed(_ error: any Error)
  /// Receives the time, about ten times a second.
  func tick(at now: Moment)
  /// Receives the state of the run, about ten times a second.
  func turned(_ status: RunStatus, at now: Moment)
}

extension ServerOutput {
  /// Ignores the error: for an output of a server without keys.
  package func keysFailed(_ error: any Error) {}

  /// Ignores the state: for an output that no one supervises.
  package func turned(_ status: RunStatus, at now: Moment) {}

  /// Returns no outcomes: for an output that stores nothing.
  package func takeCheckpointOutcomes() -> [CheckpointOutcome] { [] }
}
