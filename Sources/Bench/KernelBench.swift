import Foundation
import Learning
package import Numerics

/// Benchmark of the kernels on one core: `tributary bench kernels`.
package struct KernelBench {
  let kernels: Kernels
  let precision: Precision
  let units: Int
  let rounds: Int
  let timeSteps = 28, features = 28
  private let classes = 10

  /// Creates a benchmark of an LSTM with `units` outputs; figures are medians over `rounds`.
  package init(kernels: Kernels, precision: Precision, units: Int, rounds: Int) {
    self.kernels = kernels
    self.precision = precision
    self.units = units
    self.rounds = rounds
  }

  /// Measures the peak, the matrix products and whole steps; calls `line` with each line of the
  /// report as soon as it is measured.
  package func run(line: (String) throws -> Void) rethrows {
    let name = "\(kernels.variant.rawValue) \(precision.rawValue)"
    try line("kernels \(name), LSTM \(units) units, 28 steps of 28, one core")
    let peak = Statistics.median((0..<rounds).map { _ in self.peak() })
    try line("peak    \(Self.number(peak)) GFLOP/s (sums of products in registers)")
    let test = Statistics.median((0..<rounds).map { _ in self.selfTest() })
    try line("start   \(Self.number(test * 1000)) ms (comparison with known answers)")
    try line("")
    try line("product, batch 100                    GFLOP/s   of peak")
    for product in products(rows: 100) { try line(measured(product)) }
    try line("")
    try line("training step, 8 slices     samples/s  GFLOP/s   of peak")
    for batch in [50, 100, 256] { try line(step(batch: batch)) }
  }

  private func measured(_ product: Product) -> String {
    let repetitions = max(1, Int(2e8 / product.operations))
    let (rate, share) = compare {
      let time = Measure.seconds { for _ in 0..<repetitions { product.run() } }
      return product.operations * Double(repetitions) / time / 1e9
    }
    return product.name.padding(toLength: 36, withPad: " ", startingAt: 0)
      + Self.column(rate, 9) + Self.column(share * 100, 8) + " %"
  }

  private func step(batch: Int) -> String {
    let shape = ModelShape(
      timeSteps: timeSteps, features: features, units: units, classes: classes,
      normalization: .none)
    var step = TrainingStep(
      shape: shape, batch: batch, kernels: kernels, precision: precision)
    step.run()  // touches all memory once
    let repetitions = max(1, Int(2e9 / step.operations))
    var samples: [Double] = []
    let (rate, share) = compare {
      let time = Measure.seconds { for _ in 0..<repetitions { step.run() } }
      samples.append(Double(batch * repetitions) / time)
      return step.operations * Double(repetitions) / time / 1e9
    }
    return "batch \(batch)".padding(toLength: 26, withPad: " ", startingAt: 0)
      + Self.column(Statistics.median(samples), 11) + Self.column(rate, 9)
      + Self.column(share * 100, 8) + " %"
  }

  /// Gigaflops of sums of products whose operands stay in registers.
  private func peak() -> Double {
    var operations = 0.0
    let time = Measure.seconds {
      operations = kernels.burn(iterations: 2_000_000, precision: precision)
    }
    return operations / time / 1e9
  }

  /// Seconds of the comparison with known answers at the start of a process.
  private func selfTest() -> Double {
    Measure.seconds { _ = KernelSelfTest.firstFault(of: kernels) }
  }

  /// Returns the median of a rate, and the median of its share of the peak measured immediately
  /// before it, so that a drift of the clock frequency cancels out.
  private func compare(_ measure: () -> Double) -> (rate: Double, share: Double) {
    var rates: [Double] = []
    var shares: [Double] = []
    for _ in 0..<rounds {
      let peak = peak()
      rates.append(measure())
      shares.append(rates[rates.count - 1] / peak)
    }
    return (Statistics.median(rates), Statistics.median(shares))
  }

  private static func number(_ value: Double) -> String { String(format: "%.1f", value) }

  private static func column(_ value: Double, _ width: Int) -> String {
    let text = value >= 1000 ? String(format: "%.0f", value) : number(value)
    return String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
