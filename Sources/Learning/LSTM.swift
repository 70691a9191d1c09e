internal import Numerics

/// Layers of long short-term memory, each but the first reading the outputs of the one below it at
/// every time step, as TensorFlow 1's MultiRNNCell computes them. The top layer's output of the
/// last step is wanted.
///
/// Each row is a pure function of the weights and its own features: its bits do not depend on the
/// rows beside it.
final class LSTM {
  private let shape: ModelShape
  private let maximumRows: Int
  private let kernels: Kernels
  private let layers: [LSTMLayer]
  /// Called after each time step of a layer, forward or backward: a sign that the computation
  /// moves.
  private let onStep: () -> Void
  /// [maximumRows, units]: the top layer's h of the last step.
  private let output: MatrixView

  /// Layers for up to `maximumRows` rows at a time, with weights of zero.
  init(
    shape: ModelShape, maximumRows: Int, kernels: Kernels, precision: Precision = .float32,
    onStep: @escaping () -> Void = {}
  ) {
    (self.shape, self.maximumRows, self.kernels) = (shape, maximumRows, kernels)
    self.onStep = onStep
    layers = (1...shape.layers).map {
      LSTMLayer($0, of: shape, maximumRows: maximumRows, kernels: kernels, precision: precision)
    }
    output = MatrixView(rows: maximumRows, columns: shape.units)
  }

  /// Takes over the kernels and the biases of a vector in the shape's layout.
  func load(weights: [Float]) {
    for layer in layers { layer.load(weights: weights) }
  }

  /// Runs through all time steps of some rows and returns the top layer's h of the last one,
  /// [rows, units], which the next call overwrites.
  ///
  /// - Parameters:
  ///   - pixels: [any number of rows, timeSteps · features].
  ///   - rows: the rows to take, at most `maximumRows`.
  ///   - training: whether ``backward(_:)`` is to follow. If not, two steps' memory is
  ///     all that is used.
  func forward(_ pixels: [Float], rows: Range<Int>, training: Bool) -> MatrixView {
    let count = rows.count
    precondition(count <= maximumRows, "\(count) rows for a workspace of \(maximumRows)")
    let traces = layers.map { $0.trace(training: training) }
    let last = output.rows(0..<count)
    for step in 0..<shape.timeSteps {
      let start = rows.lowerBound * shape.sampleLength + step * shape.features
      kernels.copy(
        pixels, at: start, stride: shape.sampleLength, to: traces[0].features(step, rows: count))
      // All layers of a step before the next step: so two steps' memory is enough for any number.
      for (index, layer) in layers.enumerated() {
        let above = index + 1 < layers.count ? traces[index + 1] : nil
        let isLast = step == shape.timeSteps - 1
        layer.forward(
          step, in: traces[index], rows: count,
          output: above?.features(step, rows: count) ?? (isLast ? last : nil))
        onStep()
      }
    }
    return last
  }

  /// Turns the gates' activations of the latest forward pass for training into the gradients of
  /// their sums, the last step first and in each step the top layer.
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
        onStep()
      }
    }
  }

  /// Writes the gradients of kernels and biases, after ``backward(_:)``, to a contribution.
  ///
  /// - Parameters:
  ///   - rows: the rows that they are the gradients of.
  ///   - slices: neighbouring slices of those rows, counted from the first of them; their gradients
  ///     are sums over (time step, row) ascending, and are summed along a tree.
  ///   - scratch: memory for that many slices.
  func gradients(
    of rows: Range<Int>, slices: [Range<Int>], into contribution: inout [Float],
    scratch: FloatBuffer
  ) {
    for layer in layers {
      layer.gradients(of: rows, slices: slices, into: &contribution, scratch: scratch)
    }
  }
}
