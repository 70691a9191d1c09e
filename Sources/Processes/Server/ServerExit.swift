package import Coordination

/// The end of a server: its outcome, and the signal that caused it, if any.
package struct ServerExit: Sendable, Equatable {
  /// The outcome that the core reported.
  package let outcome: Outcome
  /// The signal that stopped the run.
  package let signal: SignalDescriptor.Signal?
}
