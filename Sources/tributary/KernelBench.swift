import Coordination
import Foundation
import Learning
import Numerics

/// The measurements behind `tributary bench kernels`.
struct KernelBench {
  let kernels: Kernels
  let precision: Precision
  let units: Int
  let rounds: Int

  private let timeSteps = 28, features = 28, classes = 10

  /// Measures and prints.
  func run() {
    let name = "\(kernels.variant.rawValue) \(precision.rawValue)"
    print("kernels \(name), LSTM \(units) units, 28 steps of 28, one core")
    let peak = median((0..<rounds).map { _ in self.peak() })
    print("peak    \(Self.number(peak)) GFLOP/s (sums of products in registers)")
    print("")
    print("product, batch 100                    GFLOP/s   of peak")
    for product in products(rows: 100) { show(product) }
    print("")
    print("training step, 8 slices     samples/s  GFLOP/s   of peak")
    for batch in [50, 100, 256] { step(batch: batch) }
  }

  // MARK: Products

  private struct Product {
    let name: String
    let operations: Double
    let run: () -> Void
  }

  private func products(rows: Int) -> [Product] {
    let inner = features + units
    let (x, z) = (filled(rows, inner), filled(rows, 4 * units))
    let weights = [Float](repeating: 0.01, count: inner * 4 * units)
    let kernel = PackedMatrix(rows: inner, columns: 4 * units, precision: precision)
    kernels.pack(weights, at: 0, rows: inner, columns: 4 * units, into: kernel)
    let transposed = PackedMatrix(rows: 4 * units, columns: units, precision: precision)
    kernels.pack(
      weights, at: features * 4 * units, rows: units, columns: 4 * units, transposed: true,
      into: transposed)
    let dh = MatrixView(rows: rows, columns: units)
    let gradient = Gradient(
      steps: timeSteps, rows: rows, inner: inner, columns: 4 * units, precision: precision)
    let count = Double(2 * rows * inner * 4 * units)
    return [
      Product(name: "[x, h] . W       100 x \(inner) x \(4 * units)", operations: count) {
        kernels.multiply(x, kernel, into: z)
      },
      Product(
        name: "dZ . Wh^T        100 x \(4 * units) x \(units)",
        operations: Double(2 * rows * 4 * units * units)
      ) {
        kernels.multiply(z, transposed, into: dh)
      },
      Product(
        name: "[x, h]^T . dZ    \(inner) x \(timeSteps * rows) x \(4 * units)",
        operations: Double(timeSteps) * count
      ) {
        gradient.compute(kernels)
      },
    ]
  }

  private func show(_ product: Product) {
    let repetitions = max(1, Int(2e8 / product.operations))
    let (rate, share) = compare {
      let time = seconds { for _ in 0..<repetitions { product.run() } }
      return product.operations * Double(repetitions) / time / 1e9
    }
    print(
      product.name.padding(toLength: 36, withPad: " ", startingAt: 0)
        + Self.column(rate, 9) + Self.column(share * 100, 8) + " %")
  }

  // MARK: Whole steps

  private func step(batch: Int) {
    let shape = ModelShape(
      timeSteps: timeSteps, features: features, units: units, classes: classes,
      normalization: .none)
    var step = TrainingStep(
      shape: shape, batch: batch, kernels: kernels, precision: precision)
    step.run()  // touches all memory once
    let repetitions = max(1, Int(2e9 / step.operations))
    var samples: [Double] = []
    let (rate, share) = compare {
      let time = seconds { for _ in 0..<repetitions { step.run() } }
      samples.append(Double(batch * repetitions) / time)
      return step.operations * Double(repetitions) / time / 1e9
    }
    print(
      "batch \(batch)".padding(toLength: 26, withPad: " ", startingAt: 0)
        + Self.column(median(samples), 11) + Self.column(rate, 9) + Self.column(share * 100, 8)
        + " %")
  }

  // MARK: Measuring

  private func peak() -> Double {
    var operations = 0.0
    let time = seconds { operations = kernels.burn(iterations: 2_000_000, precision: precision) }
    return operations / time / 1e9
  }

  /// The median of a rate, and of its share of the peak measured just before it.
  private func compare(_ measure: () -> Double) -> (rate: Double, share: Double) {
    var rates: [Double] = []
    var shares: [Double] = []
    for _ in 0..<rounds {
      let peak = peak()
      rates.append(measure())
      shares.append(rates[rates.count - 1] / peak)
    }
    return (median(rates), median(shares))
  }

  private func seconds(_ work: () -> Void) -> Double {
    ContinuousClock().measure(work).seconds
  }

  private func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2)
      ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  private func filled(_ rows: Int, _ columns: Int) -> MatrixView {
    let view = MatrixView(rows: rows, columns: columns)
    view.fill(0.01)
    return view
  }

  private static func number(_ value: Double) -> String { String(format: "%.1f", value) }

  private static func column(_ value: Double, _ width: Int) -> String {
    let text = value >= 1000 ? String(format: "%.0f", value) : number(value)
    return String(repeating: " ", count: max(0, width - text.count)) + text
  }
}

/// The gradient of the LSTM's kernel from all time steps of a batch in 8 slices.
private final class Gradient {
  private let precision: Precision
  private let a, b: MatrixSeries
  private let slices: [Range<Int>]
  private let scratch = Kernels.sliceScratch(slices: 8)
  private var values: [Float]

  init(steps: Int, rows: Int, inner: Int, columns: Int, precision: Precision) {
    self.precision = precision
    func series(_ columns: Int) -> MatrixSeries {
      let buffer = FloatBuffer(count: steps * rows * columns)
      buffer.fill(0.01)
      return MatrixSeries(
        MatrixView(buffer, rows: rows, columns: columns), steps: steps, distance: rows * columns)
    }
    (a, b) = (series(inner), series(columns))
    slices = (0..<8).map { rows * $0 / 8..<rows * ($0 + 1) / 8 }
    values = Array(repeating: 0, count: inner * columns)
  }

  func compute(_ kernels: Kernels) {
    kernels.transposedProduct(
      a, b, precision: precision, slices: slices, into: &values, at: 0, scratch: scratch)
  }
}

/// One step of training on one core as a worker and a server together do it: forward, backward,
/// the sum of the slices, Adam, and the new weights packed for the next step.
struct TrainingStep {
  /// Floating-point operations of the matrix products of a step: with the LSTM's kernel over all
  /// time steps, the first having no output before it; with the lower rows' transpose over all
  /// but the first; and of the inputs' transpose, over all.
  let operations: Double

  private let classifier: Classifier
  private let minibatch: Minibatch
  private let slices: [Range<Int>]
  private var optimizer: Optimizer

  init(shape: ModelShape, batch: Int, kernels: Kernels, precision: Precision) {
    let recipe = Recipe.tutorial
    optimizer = Optimizer(
      shape: shape, weights: recipe.initialWeights(shape: shape, seed: 1), kernels: kernels)
    classifier = Classifier(
      shape: shape, maximumRows: batch, kernels: kernels, precision: precision)
    classifier.load(weights: optimizer.weights)
    var random = RandomSource(seed: 1, stream: 0)
    minibatch = Minibatch(
      pixels: (0..<batch * shape.sampleLength).map { _ in random.uniform() },
      labels: (0..<batch).map { UInt8($0 % shape.classes) })
    let plan = BatchPlan(batchSize: batch, slices: 8, sampleCount: batch, length: .steps(1))
    slices = plan.rows(batch: 0, slices: 0..<8)
    let (inner, gates) = (Double(shape.features + shape.units), Double(4 * shape.units))
    let (steps, units) = (Double(shape.timeSteps), Double(shape.units))
    operations = 2 * Double(batch) * gates * (2 * steps * inner - units + (steps - 1) * units)
  }

  mutating func run() {
    let result = classifier.train(
      minibatch: minibatch, slices: slices, runs: [slices.indices], divisor: minibatch.rows,
      sliceCount: slices.count)
    _ = optimizer.apply(contribution: result.contributions[0], learningRate: 1e-6, clip: .none)
    classifier.load(weights: optimizer.weights)
  }
}
