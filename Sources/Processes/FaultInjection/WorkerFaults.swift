/// The faults to inject into a worker, as decorators of its connection and its runner.
package struct WorkerFaults: Sendable {
  /// The lease that never completes, counted from 1; nil for none.
  package var hang: Int?
  /// The factor by which each lease takes longer than necessary, at least 1.
  package var slowDown = 1.0
  /// The training leases from one wrong gradient to the next; nil for none.
  package var flip: Int?

  private let crash: CrashPoint?
  private let trigger: CrashTrigger

  /// Creates faults with a crash point, and no others.
  package init(crash: CrashPoint? = nil) {
    self.crash = crash
    trigger = CrashTrigger(at: crash)
  }

  /// Returns `connection` with the faults on the socket thread.
  package func inject(into connection: any Connection) -> any Connection {
    crash == nil ? connection : FaultyConnection(connection, trigger: trigger)
  }

  /// Returns `runner` with the faults on the compute thread.
  package func inject(into runner: any JobRunner, progress: ComputeProgress) -> any JobRunner {
    let runner = flip.map { FlippingRunner(runner, every: $0) } ?? runner
    let faulty =
      crash == nil && hang == nil
      ? runner : FaultyRunner(runner, trigger: trigger, hang: hang)
    return slowDown > 1 ? SlowedRunner(faulty, factor: slowDown, progress: progress) : faulty
  }
}
