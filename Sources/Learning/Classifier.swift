package import Numerics

/// The model at work: an LSTM, batch normalization if the shape has it, and a dense layer under
/// a softmax; forward, backward, and the memory they need.
///
/// It belongs to one thread. Each row's result is a pure function of the weights and the row (in
/// training with batch normalization: of the slice), to the bit.
package final class Classifier {
  /// The model.
  package let shape: ModelShape
  /// The number of rows that are computed at a time.
  package let maximumRows: Int

  let kernels: Kernels
  let lstm: LSTM
  let normalization: BatchNormalization?
  let dense: Dense
  /// [maximumRows, classes] logits, which become their own gradients.
  let logits: MatrixView
  /// [maximumRows, units] the gradient of the dense layer's input, then of the LSTM's output.
  let gradient: MatrixView
  /// Where the gradients of the weights are summed, for as many slices as there are rows.
  private(set) lazy var scratch = Kernels.sliceScratch(slices: maximumRows)

  /// Workspace for up to `maximumRows` rows at a time; the weights are to be loaded next.
  ///
  /// - Parameters:
  ///   - precision: what the operands of the LSTM's products are rounded to. Weights, gradients
  ///     and everything else are float32.
  ///   - onStep: called after each time step of a pass, so that somebody can see that a long
  ///     computation moves.
  /// - Precondition: `maximumRows` is at least 1.
  package init(
    shape: ModelShape, maximumRows: Int, kernels: Kernels = Kernels(),
    precision: Precision = .float32, onStep: @escaping () -> Void = {}
  ) {
    precondition(maximumRows > 0, "a classifier needs room for a row")
    self.shape = shape
    self.maximumRows = maximumRows
    self.kernels = kernels
    lstm = LSTM(
      shape: shape, maximumRows: maximumRows, kernels: kernels, precision: precision,
      onStep: onStep)
    normalization =
      shape.normalization == .none
      ? nil : BatchNormalization(shape: shape, maximumRows: maximumRows)
    dense = Dense(shape: shape, kernels: kernels)
    logits = MatrixView(rows: maximumRows, columns: shape.classes)
    gradient = MatrixView(rows: maximumRows, columns: shape.units)
  }

  /// Takes over new weights.
  ///
  /// - Precondition: `weights` has `shape.layout.count` elements.
  package func load(weights: [Float]) {
    precondition(weights.count == shape.layout.count, "weights do not fit the model")
    lstm.load(weights: weights)
    normalization?.load(weights: weights)
    dense.load(weights: weights)
  }

  /// Stops a minibatch of another image size.
  func check(_ minibatch: Minibatch) {
    precondition(
      minibatch.pixels.count == minibatch.rows * shape.sampleLength,
      "the samples do not fit the model")
  }
}
