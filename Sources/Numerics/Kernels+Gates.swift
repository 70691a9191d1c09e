/// The cell states of an LSTM before and after one time step, each [rows, units].
package struct CellStates {
  /// The state c after the previous time step; nil for the zero state.
  package let previous: MatrixView?
  /// The state c after this time step.
  package let current: MatrixView

  /// Creates a pair of states, which must have the same shape and stride.
  package init(previous: MatrixView?, current: MatrixView) {
    precondition(
      previous.map {
        $0.rows == current.rows && $0.columns == current.columns && $0.stride == current.stride
      } ?? true, "the previous and current states must have the same shape and stride")
    self.previous = previous
    self.current = current
  }
}

extension Kernels {
  /// Computes one LSTM time step from the gates' pre-activations: c = c₋₁ σ(f + 1) + σ(i) tanh(j),
  /// h = σ(o) tanh(c), as TensorFlow 1's BasicLSTMCell does.
  ///
  /// `z` [rows, 4 · units] contains the pre-activations in the order i, j, f, o, which are replaced
  /// by the activations. `cells.current` receives c, and `h` [rows, units] the output.
  package func gatesForward(_ z: MatrixView, cells: CellStates, h: MatrixView) {
    let c = cells.current
    precondition(
      z.columns == 4 * c.columns && z.rows == c.rows && h.rows == c.rows && h.columns == c.columns,
      "the shapes of gates, cells and output do not match")
    unsafe table.gatesForward(
      z.base, z.stride, cells.previous.map { unsafe UnsafePointer($0.base) }, unsafe c.base,
      c.stride, unsafe h.base,
      h.stride, c.rows, c.columns)
  }

  /// Computes the backward pass of ``gatesForward(_:cells:h:)``.
  ///
  /// `z` contains the activations, which are replaced by the gradients of the pre-activations. `dh`
  /// [rows, units] is the gradient of h. `dc`, with the stride of `dh`, contains the gradient of c
  /// computed by the following time step (zeros for the last one) and is replaced by the gradient
  /// of the previous state.
  package func gatesBackward(_ z: MatrixView, cells: CellStates, dh: MatrixView, dc: MatrixView) {
    let c = cells.current
    precondition(
      z.columns == 4 * c.columns && z.rows == c.rows && dh.rows == c.rows
        && dh.columns == c.columns && dc.rows == c.rows && dc.columns == c.columns
        && dc.stride == dh.stride, "the shapes of gates, cells and gradients do not match")
    unsafe table.gatesBackward(
      z.base, z.stride, cells.previous.map { unsafe UnsafePointer($0.base) },
      unsafe UnsafePointer(c.base),
      c.stride, unsafe UnsafePointer(dh.base), unsafe dc.base, dh.stride, c.rows, c.columns)
  }
}
