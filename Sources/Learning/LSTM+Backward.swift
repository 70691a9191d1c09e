internal import Tensors

/// The memory of a backward pass.
final class BackwardWorkspace {
  /// [maximumRows, units]: the gradient of a step's output.
  let dh: MatrixView
  /// [maximumRows, units]: the gradient of a step's cell state.
  let dc: MatrixView

  init(shape: ModelShape, maximumRows: Int) {
    dh = MatrixView(rows: maximumRows, columns: shape.units)
    dc = MatrixView(rows: maximumRows, columns: shape.units)
  }
}

extension LSTM {
  /// Turns the gates' activations of the latest forward pass for training into the gradients of
  /// their sums, the last step first.
  ///
  /// - Parameter dOutput: [rows, units], the gradient of the last step's output.
  func backward(_ dOutput: MatrixView) {
    let count = dOutput.rows
    let (dh, dc) = (workspace.dh.rows(0..<count), workspace.dc.rows(0..<count))
    dc.fill(0)
    for step in (0..<shape.timeSteps).reversed() {
      let isLast = step == shape.timeSteps - 1
      let gates = trace.gates(step, rows: count)
      kernels.gatesBackward(
        gates, cells: trace.cells(step, rows: count), dh: isLast ? dOutput : dh, dc: dc)
      if step > 0 { kernels.multiply(gates, transposedKernel, into: dh) }
      onStep()
    }
  }

  /// Writes the gradients of kernel and bias, after ``backward(_:)``, to a contribution.
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
    kernels.transposedProduct(
      trace.inputs(rows: rows), trace.gates(rows: rows), precision: precision, slices: slices,
      into: &contribution, at: shape.layout.offset(of: TensorName.lstmKernel),
      columnSumsAt: shape.layout.offset(of: TensorName.lstmBias), scratch: scratch)
  }
}
