internal import Tensors

/// A layer of long short-term memory (Hochreiter & Schmidhuber, 1997) as TensorFlow 1's
/// BasicLSTMCell computes it, of which the last step's output is wanted.
///
/// z = [x, h₋₁] · kernel + bias, in the order i, j, f, o; c = c₋₁ σ(f + 1) + σ(i) tanh(j);
/// h = σ(o) tanh(c); both states begin at zero. Each row is a pure function of the weights and its
/// own features: its bits do not depend on the rows beside it.
final class LSTM {
  let shape: ModelShape
  let maximumRows: Int
  let kernels: Kernels
  /// What the operands of its products are rounded to.
  let precision: Precision
  /// Called after each time step, forward or backward: a sign that the computation moves.
  let onStep: () -> Void
  /// [features + units, 4 · units], for the sums of the gates.
  private let kernel: PackedMatrix
  /// [4 · units, units]: the lower rows of the kernel transposed, for the gradient of h.
  let transposedKernel: PackedMatrix
  private let bias: FloatBuffer
  /// [maximumRows, units]: h of the last step.
  private let output: MatrixView
  /// The steps of the latest forward pass for training.
  private(set) lazy var trace = LSTMTrace(
    shape: shape, steps: shape.timeSteps, maximumRows: maximumRows)
  private lazy var rollingTrace = LSTMTrace(
    shape: shape, steps: min(shape.timeSteps, 2), maximumRows: maximumRows)
  /// What the backward pass needs.
  private(set) lazy var workspace = BackwardWorkspace(shape: shape, maximumRows: maximumRows)

  /// A layer for up to `maximumRows` rows at a time, with weights of zero.
  init(
    shape: ModelShape, maximumRows: Int, kernels: Kernels, precision: Precision = .float32,
    onStep: @escaping () -> Void = {}
  ) {
    (self.shape, self.maximumRows, self.kernels) = (shape, maximumRows, kernels)
    (self.precision, self.onStep) = (precision, onStep)
    let units = shape.units
    kernel = PackedMatrix(
      rows: shape.features + units, columns: 4 * units, precision: precision)
    transposedKernel = PackedMatrix(rows: 4 * units, columns: units, precision: precision)
    bias = FloatBuffer(count: 4 * units)
    output = MatrixView(rows: maximumRows, columns: units)
  }

  /// Takes over the kernel and the bias of a vector in the shape's layout.
  func load(weights: [Float]) {
    let (features, units) = (shape.features, shape.units)
    let start = shape.layout.offset(of: TensorName.lstmKernel)
    kernels.pack(weights, at: start, rows: features + units, columns: 4 * units, into: kernel)
    kernels.pack(
      weights, at: start + features * 4 * units, rows: units, columns: 4 * units, transposed: true,
      into: transposedKernel)
    bias.copy(from: weights[shape.layout.range(of: TensorName.lstmBias)])
  }

  /// Runs through all time steps of some rows and returns h of the last one, [rows, units], which
  /// the next call overwrites.
  ///
  /// - Parameters:
  ///   - pixels: [any number of rows, timeSteps · features].
  ///   - rows: the rows to take, at most `maximumRows`.
  ///   - training: whether ``backward(_:)`` is to follow. If not, two steps' memory is
  ///     all that is used.
  func forward(_ pixels: [Float], rows: Range<Int>, training: Bool) -> MatrixView {
    let count = rows.count
    precondition(count <= maximumRows, "\(count) rows for a workspace of \(maximumRows)")
    let trace = training ? self.trace : rollingTrace
    let last = output.rows(0..<count)
    for step in 0..<shape.timeSteps {
      let start = rows.lowerBound * shape.sampleLength + step * shape.features
      kernels.copy(
        pixels, at: start, stride: shape.sampleLength, to: trace.features(step, rows: count))
      let gates = trace.gates(step, rows: count)
      // The output before the first step is zero, and so is its share of the sums.
      let input = step == 0 ? trace.features(0, rows: count) : trace.input(step, rows: count)
      kernels.multiply(input, kernel, from: .bias(bias), into: gates)
      let isLast = step == shape.timeSteps - 1
      kernels.gatesForward(
        gates, cells: trace.cells(step, rows: count),
        h: isLast ? last : trace.previousOutput(step + 1, rows: count))
      onStep()
    }
    return last
  }
}
