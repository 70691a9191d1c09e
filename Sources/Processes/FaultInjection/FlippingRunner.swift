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

  /// Returns the result with another last bit in one value, each time in another place.
  private func flipped(_ result: LeaseResult) -> LeaseResult {
    var parts = result.contributions
    let part = parts.removeFirst()
    var values = part.values.floats
    let place = gradients % max(values.count, 1)
    if values.indices.contains(place) {
      values[place] = Float(bitPattern: values[place].bitPattern ^ 1)
    }
    let wrong = Contribution(
      slices: part.slices, values: PiecewiseVector(plain: values, limits: transfers))
    return LeaseResult(
      id: result.id, version: result.version, computeMicroseconds: result.computeMicroseconds,
      sums: result.sums, contributions: [wrong] + parts)
  }
}
