internal import Numerics

/// The memory of a layer's forward pass, which keeps the last `steps` time steps: all of them for
/// training, two for evaluation.
final class LSTMTrace {
  private let steps: Int
  private let maximumRows: Int
  private let features: Int
  private let units: Int
  /// Distance between rows of gates. Rows at a power-of-two distance would compete for a few sets
  /// of each cache.
  private let gateStride: Int
  /// The inputs of all stored time steps. If all time steps are stored, h of the first one stays
  /// zero because no time step writes it.
  private let inputs: FloatBuffer
  private let gates: FloatBuffer
  private let states: FloatBuffer

  /// Creates memory for `steps` time steps of up to `maximumRows` rows.
  init(features: Int, units: Int, steps: Int, maximumRows: Int) {
    (self.steps, self.maximumRows) = (steps, maximumRows)
    (self.features, self.units) = (features, units)
    gateStride = 4 * units + 16
    inputs = FloatBuffer(count: steps * maximumRows * (features + units))
    gates = FloatBuffer(count: steps * maximumRows * gateStride)
    states = FloatBuffer(count: steps * maximumRows * units)
  }

  /// Returns the features of a time step followed by the previous output, [rows, features + units].
  func input(_ step: Int, rows: Int) -> MatrixView {
    view(inputs, step, rows, features + units, stride: features + units)
  }

  /// Returns the features of a time step, the first columns of the input, [rows, features].
  func features(_ step: Int, rows: Int) -> MatrixView {
    part(input(step, rows: rows), from: 0, columns: features)
  }

  /// Returns the output of the previous time step, the last columns of the input, [rows, units].
  func previousOutput(_ step: Int, rows: Int) -> MatrixView {
    part(input(step, rows: rows), from: features, columns: units)
  }

  /// Returns the gates i, j, f, o of a time step, [rows, 4 · units], which contain pre-activations,
  /// then activations, then gradients.
  func gates(_ step: Int, rows: Int) -> MatrixView {
    view(gates, step, rows, 4 * units, stride: gateStride)
  }

  /// Returns the cell states c before and after a time step, each [rows, units].
  func cells(_ step: Int, rows: Int) -> CellStates {
    CellStates(
      previous: step == 0 ? nil : state(step - 1, rows: rows), current: state(step, rows: rows))
  }

  /// Returns the inputs of all stored time steps, restricted to `rows`.
  func inputs(rows: Range<Int>) -> MatrixSeries {
    series(input(0, rows: rows.upperBound).rows(rows))
  }

  /// Returns the gates of all stored time steps, restricted to `rows`.
  func gates(rows: Range<Int>) -> MatrixSeries {
    series(gates(0, rows: rows.upperBound).rows(rows))
  }

  private func series(_ first: MatrixView) -> MatrixSeries {
    MatrixSeries(first, steps: steps, distance: maximumRows * first.stride)
  }

  private func state(_ step: Int, rows: Int) -> MatrixView {
    view(states, step, rows, units, stride: units)
  }

  private func view(
    _ buffer: FloatBuffer, _ step: Int, _ rows: Int, _ columns: Int, stride: Int
  ) -> MatrixView {
    MatrixView(
      buffer, offset: step % steps * maximumRows * stride, rows: rows, columns: columns,
      stride: stride)
  }

  private func part(_ view: MatrixView, from first: Int, columns: Int) -> MatrixView {
    MatrixView(
      view.buffer, offset: view.offset + first, rows: view.rows, columns: columns,
      stride: view.stride)
  }
}
