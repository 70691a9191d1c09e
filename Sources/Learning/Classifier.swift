package import Numerics

/// The model: an LSTM, batch normalization if the shape includes it, and a dense layer followed by
/// a softmax; with forward and backward passes and their memory.
///
/// A classifier must be used by one thread only. Each row's result is a pure function of the
/// weights and the row (in training with batch normalization: of the slice), to the bit.
package final class Classifier {
  /// The model.
  package let shape: ModelShape
  /// The number of rows that are computed at a time.
  package let maximumRows: Int

  let kernels: Kernels
  let lstm: LSTM
  let normalization: BatchNormalization?
  let dense: Dense
  /// [maximumRows, classes]: the logits, which are replaced by their gradients.
  let logits: MatrixView
  /// [maximumRows, units]: the gradient of the dense layer's input, then of the LSTM's output.
  let gradient: MatrixView
  /// Scratch memory for summing the gradients of the weights, with up to one slice per row.
  private(set) lazy var scratch = Kernels.sliceScratch(slices: maximumRows)

  /// Creates a workspace for up to `maximumRows` rows at a time, with weights of zero.
  ///
  /// - Parameters:
  ///   - precision: the precision of the operands of the LSTM's products. Weights, gradients and
  ///     everything else are float32.
  ///   - onTimeStep: called after each time step of a pass, to report the progress of a long
  ///     computation.
  /// - Precondition: `maximumRows` is at least 1.
  package init(
    shape: ModelShape, maximumRows: Int, kernels: Kernels = Kernels(),
    precision: Precision = .float32, onTimeStep: @escaping () -> Void = {}
  ) {
    precondition(maximumRows > 0, "a classifier needs a workspace of at least one row")
    self.shape = shape
    self.maximumRows = maximumRows
    self.kernels = kernels
    lstm = LSTM(
      shape: shape, maximumRows: maximumRows, kernels: kernels, precision: precision,
      onTimeStep: onTimeStep)
    normalization =
      shape.normalization == .none
      ? nil : BatchNormalization(shape: shape, maximumRows: maximumRows)
    dense = Dense(shape: shape, kernels: kernels)
    logits = MatrixView(rows: maximumRows, columns: shape.classes)
    gradient = MatrixView(rows: maximumRows, columns: shape.units)
  }

  /// Loads new weights.
  ///
  /// - Precondition: `weights` has `shape.layout.count` elements.
  package func load(weights: [Float]) {
    precondition(
      weights.count == shape.layout.count,
      "\(weights.count) weights for a model of \(shape.layout.count)")
    lstm.load(weights: weights)
    normalization?.load(weights: weights)
    dense.load(weights: weights)
  }

  /// Checks that the samples of a minibatch have the length that the model reads.
  func check(_ minibatch: Minibatch) {
    precondition(
      minibatch.pixels.count == minibatch.rows * shape.sampleLength,
      "\(minibatch.pixels.count) pixels for \(minibatch.rows) samples of \(shape.sampleLength)")
  }
}
