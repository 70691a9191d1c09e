import Coordination
import Wire

/// A runner that returns a gradient with one wrong bit now and then: fault injection, like faulty
/// memory.
final class FlippingRunner: JobRunner {
  private let runner: any JobRunner
  private let interval: Int
  private var transfers = TransferLimits()
  private var gradients = 0

  /// Creates a runner that flips one bit in every `interval`-th gradient of `runner`.
  init(_ runner: any JobRunner, every interval: Int) {
    self.runner = runner
    self.interval = max(interval, 1)
  }

  func run(_ job: Job) throws -> LeaseResult? {
    if case .prepare(let welcome) = job { transfers = welcome.transfers }
    guard let result = try runner.run(job) else { return nil }
    guard !result.contributions.isEmpty else { return result }
    gradients += 1
    return gradients.isMultiple(of: interval) ? flipped(result) : result
  }

  /// Returns the result with another bit in the largest value of its first gradient, where the
  /// error does not vanish in later sums.
  private func flipped(_ result: LeaseResult) -> LeaseResult {
    var parts = result.contributions
    let part = parts.removeFirst()
    var values = part.values.floats
    if let place = values.indices.max(by: { abs(values[$0]) < abs(values[$1]) }) {
      values[place] = Float(bitPattern: values[place].bitPattern ^ 1 << 20)
    }
    let wrong = Contribution(
      slices: part.slices, values: PiecewiseVector(plain: values, limits: transfers))
    return LeaseResult(
      id: result.id, version: result.version, computeMicroseconds: result.computeMicroseconds,
      sums: result.sums, contributions: [wrong] + parts)
  }
}
