package import Coordination

/// The end of a worker process.
package struct WorkerExit: Sendable, Equatable {
  /// The reason, as decided by the core.
  package let ending: WorkerCore.Ending
  /// The time for which the worker looked for a server, in the end.
  package let patience: Duration
  /// Whether the worker has been in a session.
  package let hasJoined: Bool
  /// The signal that stopped the worker, if one did.
  package let signal: SignalDescriptor.Signal?
  /// The reason for which the worker had no server at its end, if one is certain.
  package var fault: ConnectionFault?
}
