import Coordination
import Foundation
import Wire

/// A runner that takes longer than necessary: fault injection, to test a run with a straggler. Its
/// results are not affected.
final class SlowedRunner: JobRunner {
  private let runner: any JobRunner
  private let factor: Double
  private let progress: ComputeProgress

  /// Creates a runner that takes `factor` times as long as `runner` for each lease, at least 1.
  /// While it waits, it advances `progress` like a computation.
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
      progress.advance()
    }
    return result
  }
}
