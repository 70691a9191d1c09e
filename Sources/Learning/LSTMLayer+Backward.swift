internal import Numerics

/// The memory of a layer's backward pass.
final class BackwardWorkspace {
  /// [maximumRows, units]: the gradient of a step's output.
  let dh: MatrixView
  /// [maximumRows, units]: the gradient of a step's cell state.
  let dc: MatrixView

  init(units: Int, maximumRows: Int) {
    dh = MatrixView(rows: maximumRows, columns: units)
    dc = MatrixView(rows: maximumRows, columns: units)
  }
}

extension LSTMLayer {
  /// Turns the gates' activations of one step into the gradients of their sums, after the step that
  /// follows it and, where there is one, after the same step of the layer above.
  ///
  /// - Parameters:
  ///   - dOutput: [rows, units], the gradient of the step's output; nil where the workspace has it.
  ///   - dBelow: [rows, features], that of the output below: of the last step written, of each
  ///     other step added to what that layer's own following step left there.
  func backward(_ step: Int, rows: Int, dOutput: MatrixView?, dBelow: MatrixView?) {
    let (dh, dc) = (workspace.dh.rows(0..<rows), workspace.dc.rows(0..<rows))
    let gates = trace.gates(step, rows: rows)
    kernels.gatesBackward(gates, cells: trace.cells(step, rows: rows), dh: dOutput ?? dh, dc: dc)
    if step > 0 { kernels.multiply(gates, transposedKernel, into: dh) }
    if let dBelow, let transposedInputKernel {
      kernels.multiply(
        gates, transposedInputKernel, from: step == timeSteps - 1 ? .zero : .output, into: dBelow)
    }
  }

  /// Writes the gradients of kernel and bias: see ``LSTM/gradients(of:slices:into:scratch:)``.
  func gradients(
    of rows: Range<Int>, slices: [Range<Int>], into contribution: inout [Float],
    scratch: FloatBuffer
  ) {
    kernels.transposedProduct(
      trace.inputs(rows: rows), trace.gates(rows: rows), precision: precision, slices: slices,
      into: &contribution, at: kernelRange.lowerBound, columnSumsAt: biasRange.lowerBound,
      scratch: scratch)
  }
}
