import Coordination
import Foundation
import Wire

/// A runner that takes longer than it needs: fault injection, to see how a run fares with a
/// straggler. What it computes is not affected.
final class SlowedRunner: JobRunner {
  private let runner: any JobRunner
  private let factor: Double
  private let progress: ComputeProgress

  /// Makes every lease of `runner` take `factor` times its time, at least one; while it waits, it
  /// moves on like a computation.
  init(_ runner: any JobRunner, factor: Double, progress: ComputeProgress) {
    self.runner = runner
    self.factor = factor
    self.progress = progress
  }

  func run(_ job: Job) throws -> LeaseResult? {
    let start = ContinuousClock.now
    let result = try runner.run(job)
    guard result != nil else { return nil }
    let end = ContinuousClock.now.advanced(by: start.duration(to: .now) * (factor - 1))
    while ContinuousClock.now < end {
      Thread.sleep(forTimeInterval: min(0.5, ContinuousClock.now.duration(to: end).seconds))
      progress.move()
    }
    return result
  }
}
