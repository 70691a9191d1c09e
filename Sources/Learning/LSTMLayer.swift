internal import Numerics

/// A layer of long short-term memory (Hochreiter & Schmidhuber, 1997), as computed by TensorFlow
/// 1's BasicLSTMCell.
///
/// z = [x, h₋₁] · kernel + bias, in the order i, j, f, o; c = c₋₁ σ(f + 1) + σ(i) tanh(j);
/// h = σ(o) tanh(c); the initial states are zero.
final class LSTMLayer {
  let timeSteps: Int
  let kernels: Kernels
  /// The precision of the operands of products.
  let precision: Precision
  /// The ranges of the layer's tensors in the vector of weights.
  let kernelRange: Range<Int>, biasRange: Range<Int>
  /// [features + units, 4 · units]: the kernel, for the gates' pre-activations.
  private let kernel: PackedMatrix
  /// [4 · units, units]: the lower rows of the kernel, transposed, for the gradient of h.
  let transposedKernel: PackedMatrix
  /// [4 · units, features]: the upper rows of the kernel, transposed, for the gradient of the
  /// output of the layer below; nil in the first layer.
  let transposedInputKernel: PackedMatrix?
  private let bias: FloatBuffer
  private let features: Int
  private let units: Int
  private let maximumRows: Int
  /// The time steps of the latest training forward pass.
  private(set) lazy var trace = makeTrace(steps: timeSteps)
  private lazy var rollingTrace = makeTrace(steps: min(timeSteps, 2))
  /// The memory of the backward pass.
  private(set) lazy var workspace = BackwardWorkspace(units: units, maximumRows: maximumRows)

  /// Creates the layer with the given number, counted from 1, for up to `maximumRows` rows at a
  /// time, with weights of zero.
  init(
    _ layer: Int, of shape: ModelShape, maximumRows: Int, kernels: Kernels, precision: Precision
  ) {
    (self.maximumRows, self.kernels, self.precision) = (maximumRows, kernels, precision)
    (timeSteps, features, units) = (shape.timeSteps, shape.features(ofLayer: layer), shape.units)
    kernelRange = shape.layout.range(of: TensorName.lstmKernel(layer: layer))
    biasRange = shape.layout.range(of: TensorName.lstmBias(layer: layer))
    kernel = PackedMatrix(rows: features + units, columns: 4 * units, precision: precision)
    transposedKernel = PackedMatrix(rows: 4 * units, columns: units, precision: precision)
    transposedInputKernel =
      layer == 1
      ? nil : PackedMatrix(rows: 4 * units, columns: features, precision: precision)
    bias = FloatBuffer(count: 4 * units)
  }

  private func makeTrace(steps: Int) -> LSTMTrace {
    LSTMTrace(features: features, units: units, steps: steps, maximumRows: maximumRows)
  }

  /// Returns the memory of a forward pass.
  func trace(training: Bool) -> LSTMTrace { training ? trace : rollingTrace }

  /// Loads the kernel and the bias from a vector in the shape's layout.
  func load(weights: [Float]) {
    let (start, columns) = (kernelRange.lowerBound, 4 * units)
    kernels.pack(weights, at: start, rows: features + units, columns: columns, into: kernel)
    kernels.pack(
      weights, at: start + features * columns, rows: units, columns: columns, transposed: true,
      into: transposedKernel)
    if let transposedInputKernel {
      kernels.pack(
        weights, at: start, rows: features, columns: columns, transposed: true,
        into: transposedInputKernel)
    }
    bias.copy(from: weights[biasRange])
  }

  /// Computes one time step, whose features are in the trace.
  ///
  /// - Parameter output: [rows, units], receives h of the time step in addition to the trace. It
  ///   must not be nil at the last time step, whose h is not stored in the trace.
  func forward(_ step: Int, in trace: LSTMTrace, rows: Int, output: MatrixView?) {
    let gates = trace.gates(step, rows: rows)
    // The output before the first time step is zero and does not contribute to the sums.
    let input = step == 0 ? trace.features(0, rows: rows) : trace.input(step, rows: rows)
    kernels.multiply(input, kernel, from: .bias(bias), into: gates)
    let h = output ?? trace.previousOutput(step + 1, rows: rows)
    kernels.gatesForward(gates, cells: trace.cells(step, rows: rows), h: h)
    if output != nil && step < timeSteps - 1 {
      kernels.copy(h, to: trace.previousOutput(step + 1, rows: rows))
    }
  }
}
