import Synchronization

/// How far the computing thread has come: a number that the socket's thread can see grow.
final class ComputeProgress: Sendable {
  private let steps = Atomic<UInt64>(0)

  /// The time steps computed so far.
  var count: UInt64 { steps.load(ordering: .relaxed) }

  /// One more is done.
  func move() { steps.wrappingAdd(1, ordering: .relaxed) }
}
