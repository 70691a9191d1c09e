internal import Numerics

/// The memory of a layer's pass through the time steps, of which the last `steps` are kept: all of
/// them for training, two for evaluation.
final class LSTMTrace {
  private let steps: Int
  private let maximumRows: Int
  private let features: Int
  private let units: Int
  /// Rows whose distance is a power of two would share a few sets of every cache.
  private let gateStride: Int
  /// The first step's share of h stays zero when all steps are kept: no step writes it.
  private let inputs: FloatBuffer
  private let gates: FloatBuffer
  private let states: FloatBuffer

  /// Memory of `steps` steps of up to `maximumRows` rows.
  init(features: Int, units: Int, steps: Int, maximumRows: Int) {
    (self.steps, self.maximumRows) = (steps, maximumRows)
    (self.features, self.units) = (features, units)
    gateStride = 4 * units + 16
    inputs = FloatBuffer(count: steps * maximumRows * (features + units))
    gates = FloatBuffer(count: steps * maximumRows * gateStride)
    states = FloatBuffer(count: steps * maximumRows * units)
  }

  /// [rows, features + units]: the step's features beside the output of the step before.
  func input(_ step: Int, rows: Int) -> MatrixView {
    view(inputs, step, rows, features + units, stride: features + units)
  }

  /// [rows, features]: the first columns of the input.
  func features(_ step: Int, rows: Int) -> MatrixView {
    part(input(step, rows: rows), from: 0, columns: features)
  }

  /// [rows, units]: the output of the step before, the other columns of the input.
  func previousOutput(_ step: Int, rows: Int) -> MatrixView {
    part(input(step, rows: rows), from: features, columns: units)
  }

  /// [rows, 4 · units]: sums, then activations, then gradients of the gates i, j, f, o.
  func gates(_ step: Int, rows: Int) -> MatrixView {
    view(gates, step, rows, 4 * units, stride: gateStride)
  }

  /// The cells' states c before and after a step, each [rows, units].
  func cells(_ step: Int, rows: Int) -> CellStates {
    CellStates(
      previous: step == 0 ? nil : state(step - 1, rows: rows), current: state(step, rows: rows))
  }

  /// The inputs of all steps kept, restricted to `rows`.
  func inputs(rows: Range<Int>) -> MatrixSeries {
    series(input(0, rows: rows.upperBound).rows(rows))
  }

  /// The gates of all steps kept, restricted to `rows`.
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
