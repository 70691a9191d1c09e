package import Coordination
package import Storage
package import Telemetry

/// The end of a ``TrainingRun``.
package struct TrainingOutcome {
  /// The summary of the run.
  package let report: RunReport
  /// The outcome that the server reported.
  package let outcome: Outcome
  /// The signal that stopped the run.
  package let signal: SignalDescriptor.Signal?
  /// Whether new workers could still have been started for the server.
  package let workersMayCome: Bool
  /// The error that prevented writing the model or the report.
  package let failure: FileError?
}
