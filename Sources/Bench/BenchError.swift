package import Processes

/// An error that ends a benchmark without a result.
package enum BenchError: Error, Equatable, CustomStringConvertible {
  /// A signal stopped the benchmark.
  case stopped(SignalDescriptor.Signal)
  /// The stand-in workers did not all start, or one failed; `reason` is nil for a timeout.
  case workersFailed(reason: String?)
  /// A measured training exited with this status.
  case trainingFailed(status: Int32)
  /// A measured training completed without a valid report on its standard output.
  case noReport

  package var description: String {
    switch self {
    case .stopped(let signal):
      "stopped by \(signal.name)"
    case .workersFailed(let reason):
      "the stand-in workers did not start: \(reason ?? "timed out"); try again"
    case .trainingFailed(let status):
      "a training ended with code \(status); run 'tributary train' alone to see its error"
    case .noReport:
      "a training wrote no valid report; run 'tributary train --json' alone to see its output"
    }
  }
}
