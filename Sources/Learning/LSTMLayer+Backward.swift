internal import Numerics

/// The memory of a layer's backward pass.
final class BackwardWorkspace {
  /// [maximumRows, units]: the gradient of the output of a time step.
  let dh: MatrixView
  /// [maximumRows, units]: the gradient of the cell state of a time step.
  let dc: MatrixView

  init(units: Int, maximumRows: Int) {
    dh = MatrixView(rows: maximumRows, columns: units)
    dc = MatrixView(rows: maximumRows, columns: units)
  }
}

extension LSTMLayer {
  /// Replaces the gates' activations of one time step by the gradients of their pre-activations.
  /// The following time step and, if there is a layer above, the same time step of that layer must
  /// have been computed before.
  ///
  /// - Parameters:
  ///   - dOutput: [rows, units], the gradient of the time step's output; nil if the workspace
  ///     contains it.
  ///   - dBelow: [rows, features], the gradient of the output of the layer below. It is written at
  ///     the last time step; at other time steps it is added to the gradient from that layer's
  ///     following time step.
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

  /// Writes the gradients of kernel and bias to a contribution: see
  /// ``LSTM/gradients(of:slices:into:scratch:)``.
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
