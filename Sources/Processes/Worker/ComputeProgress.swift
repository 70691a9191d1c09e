import Synchronization

/// A counter that the compute thread increments and the socket thread reads, to detect a
/// computation that hangs.
package final class ComputeProgress: Sendable {
  private let steps = Atomic<UInt64>(0)

  /// Creates a counter at 0.
  package init() {}

  /// Number of time steps computed so far.
  package var count: UInt64 { steps.load(ordering: .relaxed) }

  /// Counts one more time step.
  package func advance() { steps.wrappingAdd(1, ordering: .relaxed) }
}
