internal import Numerics

/// A stack of LSTM layers, as computed by TensorFlow 1's MultiRNNCell: at every time step, each
/// layer reads the output of the layer below. The result is the top layer's output at the last time
/// step.
///
/// Each row's result is a pure function of the weights and the row's features: its bits do not
/// depend on the other rows.
final class LSTM {
  private let shape: ModelShape
  private let maximumRows: Int
  private let kernels: Kernels
  private let layers: [LSTMLayer]
  /// Called after each time step of a layer, forward or backward, to report progress.
  private let onTimeStep: () -> Void
  /// [maximumRows, units]: the top layer's h of the last time step.
  private let output: MatrixView

  /// Creates layers for up to `maximumRows` rows at a time, with weights of zero.
  init(
    shape: ModelShape, maximumRows: Int, kernels: Kernels, precision: Precision = .float32,
    onTimeStep: @escaping () -> Void = {}
  ) {
    (self.shape, self.maximumRows, self.kernels) = (shape, maximumRows, kernels)
    self.onTimeStep = onTimeStep
    layers = (1...shape.layers).map {
      LSTMLayer($0, of: shape, maximumRows: maximumRows, kernels: kernels, precision: precision)
    }
    output = MatrixView(rows: maximumRows, columns: shape.units)
  }

  /// Loads the kernels and biases from a vector in the shape's layout.
  func load(weights: [Float]) {
    for layer in layers { layer.load(weights: weights) }
  }

  /// Computes all time steps of the given rows and returns the top layer's h of the last one,
  /// [rows, units]. The next call overwrites the result.
  ///
  /// - Parameters:
  ///   - pixels: [any number of rows, timeSteps · features].
  ///   - rows: the rows to compute, at most `maximumRows`.
  ///   - training: whether to keep all time steps for ``backward(_:)``. If false, only the memory
  ///     of two time steps is used.
  func forward(_ pixels: [Float], rows: Range<Int>, training: Bool) -> MatrixView {
    let count = rows.count
    precondition(count <= maximumRows, "\(count) rows for a workspace of \(maximumRows)")
    let traces = layers.map { $0.trace(training: training) }
    let last = output.rows(0..<count)
    for step in 0..<shape.timeSteps {
      let start = rows.lowerBound * shape.sampleLength + step * shape.features
      kernels.copy(
        pixels, at: start, stride: shape.sampleLength, to: traces[0].features(step, rows: count))
      // Computing all layers of a time step before the next one requires memory for only two steps.
      for (index, layer) in layers.enumerated() {
        let above = index + 1 < layers.count ? traces[index + 1] : nil
        let isLast = step == shape.timeSteps - 1
        layer.forward(
          step, in: traces[index], rows: count,
          output: above?.features(step, rows: count) ?? (isLast ? last : nil))
        onTimeStep()
      }
    }
    return last
  }

  /// Replaces the gates' activations of the latest training forward pass by the gradients of their
  /// pre-activations, starting with the last time step and, in each time step, the top layer.
  ///
  /// - Parameter dOutput: [rows, units], the gradient of the top layer's last output.
  func backward(_ dOutput: MatrixView) {
    let count = dOutput.rows
    for layer in layers { layer.workspace.dc.rows(0..<count).fill(0) }
    for step in (0..<shape.timeSteps).reversed() {
      for index in layers.indices.reversed() {
        let isLastOutput = step == shape.timeSteps - 1 && index == layers.count - 1
        layers[index].backward(
          step, rows: count, dOutput: isLastOutput ? dOutput : nil,
          dBelow: index > 0 ? layers[index - 1].workspace.dh.rows(0..<count) : nil)
        onTimeStep()
      }
    }
  }

  /// Writes the gradients of kernels and biases to a contribution. Call ``backward(_:)`` first.
  ///
  /// - Parameters:
  ///   - rows: the rows over which gradients are summed.
  ///   - slices: adjacent slices of `rows`, relative to its first row. The gradient of a slice is a
  ///     sum over (time step, row) in ascending order; slices are summed as a binary tree.
  ///   - scratch: memory for the number of slices.
  func gradients(
    of rows: Range<Int>, slices: [Range<Int>], into contribution: inout [Float],
    scratch: FloatBuffer
  ) {
    for layer in layers {
      layer.gradients(of: rows, slices: slices, into: &contribution, scratch: scratch)
    }
  }
}
