import Numerics

/// A dense layer: logits = x . kernel + bias.
final class Dense {
  private let shape: ModelShape
  private let kernels: Kernels
  private let packed: PackedMatrix
  private let transposed: PackedMatrix
  private let bias: FloatBuffer

  /// Creates a layer that maps `shape.units` values to `shape.classes` logits.
  init(shape: ModelShape, kernels: Kernels) {
    self.shape = shape
    self.kernels = kernels
    packed = PackedMatrix(rows: shape.units, columns: shape.classes)
    transposed = PackedMatrix(rows: shape.classes, columns: shape.units)
    bias = FloatBuffer(count: shape.classes)
  }

  /// Loads dense/kernel and dense/bias.
  func load(weights: [Float]) {
    let (rows, columns) = (shape.units, shape.classes)
    let offset = shape.layout.offset(of: TensorName.denseKernel)
    kernels.pack(weights, at: offset, rows: rows, columns: columns, into: packed)
    kernels.pack(
      weights, at: offset, rows: rows, columns: columns, transposed: true, into: transposed)
    bias.copy(from: weights[shape.layout.range(of: TensorName.denseBias)])
  }

  /// Computes the logits.
  ///
  /// - Parameters:
  ///   - x: [rows, units].
  ///   - logits: [rows, classes], the output.
  func forward(_ x: MatrixView, logits: MatrixView) {
    kernels.multiply(x, packed, from: .bias(bias), into: logits)
  }

  /// Computes the gradient of the input: dLogits . kernel^T.
  ///
  /// - Parameters:
  ///   - dLogits: [rows, classes].
  ///   - dX: [rows, units], the output.
  func backward(_ dLogits: MatrixView, dX: MatrixView) {
    kernels.multiply(dLogits, transposed, into: dX)
  }

  /// Writes the gradients of kernel and bias (x^T . dLogits, and the sums of dLogits over the rows)
  /// to a contribution.
  ///
  /// - Parameters:
  ///   - x: [rows, units].
  ///   - dLogits: [rows, classes].
  ///   - slices: adjacent slices of the rows, whose gradients are summed as a binary tree.
  ///   - scratch: memory for the number of slices.
  func gradients(
    _ x: MatrixView, _ dLogits: MatrixView, slices: [Range<Int>], into contribution: inout [Float],
    scratch: FloatBuffer
  ) {
    kernels.transposedProduct(
      MatrixSeries(x, steps: 1, distance: 0), MatrixSeries(dLogits, steps: 1, distance: 0),
      slices: slices, into: &contribution, at: shape.layout.offset(of: TensorName.denseKernel),
      columnSumsAt: shape.layout.offset(of: TensorName.denseBias), scratch: scratch)
  }
}
