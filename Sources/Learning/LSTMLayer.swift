internal import Numerics

/// A layer of long short-term memory (Hochreiter & Schmidhuber, 1997) as TensorFlow 1's
/// BasicLSTMCell computes it.
///
/// z = [x, h₋₁] · kernel + bias, in the order i, j, f, o; c = c₋₁ σ(f + 1) + σ(i) tanh(j);
/// h = σ(o) tanh(c); both states begin at zero.
final class LSTMLayer {
  let timeSteps: Int
  let kernels: Kernels
  /// What the operands of its products are rounded to.
  let precision: Precision
  /// The places of its tensors in the vector of weights.
  let kernelRange: Range<Int>, biasRange: Range<Int>
  /// [features + units, 4 · units], for the sums of the gates.
  private let kernel: PackedMatrix
  /// [4 · units, units]: the lower rows of the kernel transposed, for the gradient of h.
  let transposedKernel: PackedMatrix
  /// [4 · units, features]: the upper rows transposed, for the gradient of the output of the layer
  /// below, if there is one.
  let transposedInputKernel: PackedMatrix?
  private let bias: FloatBuffer
  private let features: Int
  private let units: Int
  private let maximumRows: Int
  /// The steps of the latest forward pass for training.
  private(set) lazy var trace = makeTrace(steps: timeSteps)
  private lazy var rollingTrace = makeTrace(steps: min(timeSteps, 2))
  /// What the backward pass needs.
  private(set) lazy var workspace = BackwardWorkspace(units: units, maximumRows: maximumRows)

  /// The layer of a number, counted from 1, for up to `maximumRows` rows at a time, with weights of
  /// zero.
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

  /// The memory of a forward pass.
  func trace(training: Bool) -> LSTMTrace { training ? trace : rollingTrace }

  /// Takes over the kernel and the bias of a vector in the shape's layout.
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

  /// Runs through one time step, whose features are in the trace.
  ///
  /// - Parameter output: [rows, units], where h of the step goes besides the trace; it may be nil
  ///   for all steps but the last, which no step of this layer reads.
  func forward(_ step: Int, in trace: LSTMTrace, rows: Int, output: MatrixView?) {
    let gates = trace.gates(step, rows: rows)
    // The output before the first step is zero, and so is its share of the sums.
    let input = step == 0 ? trace.features(0, rows: rows) : trace.input(step, rows: rows)
    kernels.multiply(input, kernel, from: .bias(bias), into: gates)
    let h = output ?? trace.previousOutput(step + 1, rows: rows)
    kernels.gatesForward(gates, cells: trace.cells(step, rows: rows), h: h)
    if output != nil && step < timeSteps - 1 {
      kernels.copy(h, to: trace.previousOutput(step + 1, rows: rows))
    }
  }
}
