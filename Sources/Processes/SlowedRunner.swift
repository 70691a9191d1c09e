import Coordination
import Foundation
import Wire

/// A runner that takes longer than it needs: fault injection, to see how a run fares with a
/// straggler. What it computes is not affected.
final class SlowedRunner: JobRunner {
  private let runner: any JobRunner
  private let factor: Double

  /// Makes every lease of `runner` take `factor` times its time, at least one.
  init(_ runner: any JobRunner, factor: Double) {
    self.runner = runner
    self.factor = factor
  }

  func run(_ job: Job) throws -> LeaseResult? {
    let start = ContinuousClock.now
    let result = try runner.run(job)
    if result != nil {
      Thread.sleep(forTimeInterval: start.duration(to: .now).seconds * (factor - 1))
    }
    return result
  }
}
