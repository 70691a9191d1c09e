import Numerics

extension KernelBench {
  /// One matrix product of a training step.
  struct Product {
    /// Its operands and their sizes.
    let name: String
    /// Floating-point operations of one run.
    let operations: Double
    /// Computes it once.
    let run: () -> Void
  }

  /// Returns the matrix products of a training step with a batch of `rows` samples.
  func products(rows: Int) -> [Product] {
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

  private func filled(_ rows: Int, _ columns: Int) -> MatrixView {
    let view = MatrixView(rows: rows, columns: columns)
    view.fill(0.01)
    return view
  }
}

/// The gradient of the LSTM's kernel over all time steps of a batch in 8 slices.
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
