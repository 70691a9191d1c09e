/// The state of an LSTM's cells before and after one time step, each [rows, units].
package struct CellStates {
  /// c of the step before; nil for the zero state.
  package let previous: MatrixView?
  /// c of this step.
  package let current: MatrixView

  /// Both states, which must agree in shape and stride.
  package init(previous: MatrixView?, current: MatrixView) {
    precondition(
      previous.map {
        $0.rows == current.rows && $0.columns == current.columns && $0.stride == current.stride
      } ?? true, "the states before and after differ in shape")
    self.previous = previous
    self.current = current
  }
}

extension Kernels {
  /// One LSTM step from the gates' sums: c = c₋₁ σ(f + 1) + σ(i) tanh(j), h = σ(o) tanh(c).
  ///
  /// `z` [rows, 4 · units] holds the sums in the order i, j, f, o and receives the activations;
  /// `cells.current` receives c and `h` [rows, units] the output. (TensorFlow 1's BasicLSTMCell.)
  package func gatesForward(_ z: MatrixView, cells: CellStates, h: MatrixView) {
    let c = cells.current
    precondition(
      z.columns == 4 * c.columns && z.rows == c.rows && h.rows == c.rows && h.columns == c.columns,
      "gates, cells and output differ in shape")
    table.gatesForward(
      z.base, z.stride, cells.previous.map { UnsafePointer($0.base) }, c.base, c.stride, h.base,
      h.stride, c.rows, c.columns)
  }

  /// The way back through ``gatesForward(_:cells:h:)``.
  ///
  /// `z` holds the activations and receives the gradients of the sums. `dh` [rows, units] is the
  /// gradient of h; `dc`, with the stride of `dh`, that of c as the step after left it (zeros after
  /// the last step), and is replaced by the gradient of the state before.
  package func gatesBackward(_ z: MatrixView, cells: CellStates, dh: MatrixView, dc: MatrixView) {
    let c = cells.current
    precondition(
      z.columns == 4 * c.columns && z.rows == c.rows && dh.rows == c.rows
        && dh.columns == c.columns && dc.rows == c.rows && dc.columns == c.columns
        && dc.stride == dh.stride, "gates, cells and gradients differ in shape")
    table.gatesBackward(
      z.base, z.stride, cells.previous.map { UnsafePointer($0.base) }, UnsafePointer(c.base),
      c.stride, UnsafePointer(dh.base), dc.base, dh.stride, c.rows, c.columns)
  }
}
