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
  /// The way back through the latest forward pass for training, which it uses up.
  ///
  /// Adds the gradients of kernel and bias to one vector (in the shape's layout) for each slice of
  /// the rows; the sums run over (time step, row) ascending.
  ///
  /// - Parameters:
  ///   - dOutput: [rows, units], the gradient of the last step's output.
  ///   - slices: the rows of each slice.
  ///   - gradients: one vector for each slice.
  func backward(_ dOutput: MatrixView, slices: [Range<Int>], into gradients: inout [[Float]]) {
    precondition(slices.count == gradients.count, "one gradient is needed for each slice")
    propagate(dOutput)
    for (place, rows) in slices.enumerated() {
      kernels.addTransposedProduct(
        trace.inputs(rows: rows), trace.gates(rows: rows), to: &gradients[place],
        at: shape.layout.offset(of: TensorName.lstmKernel),
        columnSumsAt: shape.layout.offset(of: TensorName.lstmBias))
    }
  }

  /// Turns the gates' activations of every step into the gradients of their sums, the last step
  /// first.
  private func propagate(_ dOutput: MatrixView) {
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
}
