import Numerics

/// Batch normalization (Ioffe & Szegedy 2015) of the LSTM's last output, as in TensorFlow's
/// `batch_normalization`: gamma * (x - mean) / sqrt(variance + epsilon) + beta, with the biased
/// variance.
///
/// During training, statistics are computed over the rows of one slice, a "ghost batch" (Hoffer,
/// Hubara & Soudry 2017), so that a slice's gradient depends only on that slice. Sums over rows are
/// computed in row order and in double precision.
final class BatchNormalization {
  /// The constant added to a variance before taking the square root.
  static let epsilon = 1e-3
  /// The weight of the previous value when a moving average is updated.
  static let momentum = 0.99

  /// The mean and the biased variance of each unit.
  struct Statistics {
    /// The mean of each unit, [units].
    var mean: [Float]
    /// The biased variance of each unit, [units].
    var variance: [Float]
    /// Whether the statistics are computed from the rows, so that gradients flow through them.
    var dependOnRows: Bool
  }

  private let shape: ModelShape
  private let centred: MatrixView
  private let output: MatrixView
  private var gamma: [Float] = []
  private var beta: [Float] = []
  private var moving = Statistics(mean: [], variance: [], dependOnRows: false)

  /// Creates a workspace for up to `maximumRows` rows of `shape.units` values.
  init(shape: ModelShape, maximumRows: Int) {
    self.shape = shape
    centred = MatrixView(rows: maximumRows, columns: shape.units)
    output = MatrixView(rows: maximumRows, columns: shape.units)
  }

  private var units: Int { shape.units }

  /// Loads gamma, beta and the moving averages. With ``Normalization/frozen``, the mean is 0 and
  /// the variance 1 regardless of the stored values.
  func load(weights: [Float]) {
    let layout = shape.layout
    gamma = Array(weights[layout.range(of: TensorName.gamma)])
    beta = Array(weights[layout.range(of: TensorName.beta)])
    if shape.normalization == .frozen {
      moving.mean = Array(repeating: 0, count: units)
      moving.variance = Array(repeating: 1, count: units)
    } else {
      moving.mean = Array(weights[layout.range(of: TensorName.movingMean)])
      moving.variance = Array(weights[layout.range(of: TensorName.movingVariance)])
    }
  }

  /// Returns the statistics used to normalize a slice during training.
  ///
  /// - Parameter x: [rows, units], the rows of the slice, at least one.
  func statistics(of x: MatrixView) -> Statistics {
    guard shape.normalization == .batch else { return moving }
    let count = Double(x.rows)
    let mean = columnSums(x) { row, unit in Double(x[row, unit]) }.map { $0 / count }
    let variance = columnSums(x) { row, unit in
      let distance = Double(x[row, unit]) - mean[unit]
      return distance * distance
    }
    return Statistics(
      mean: mean.map { Float($0) }, variance: variance.map { Float($0 / count) },
      dependOnRows: true)
  }

  /// Normalizes rows with the moving averages.
  ///
  /// - Parameter x: [rows, units].
  /// - Returns: [rows, units].
  func evaluate(_ x: MatrixView) -> MatrixView {
    forward(x, rows: 0..<x.rows, statistics: moving)
    return output.rows(0..<x.rows)
  }

  /// Normalizes the rows of one slice. ``outputs(_:)`` returns the result.
  ///
  /// - Parameter x: [all rows, units].
  func forward(_ x: MatrixView, rows: Range<Int>, statistics: Statistics) {
    let scale = Self.inverseDeviations(statistics)
    for row in rows {
      for unit in 0..<units {
        centred[row, unit] = (x[row, unit] - statistics.mean[unit]) * scale[unit]
        output[row, unit] = gamma[unit] * centred[row, unit] + beta[unit]
      }
    }
  }

  /// Returns the result of the latest `forward` for the given rows, [rows, units].
  func outputs(_ rows: Range<Int>) -> MatrixView { output.rows(rows) }

  /// Replaces the gradient of the output by that of the input for the rows of a slice, and writes
  /// the gradients of gamma and beta to the contribution.
  ///
  ///     dx = gamma / deviation * (dy - mean(dy) - centred * mean(dy * centred))
  ///
  /// The means are over the rows; they are omitted for statistics that are not computed from the
  /// rows.
  ///
  /// - Parameter gradient: [all rows, units].
  func backward(
    _ gradient: MatrixView, rows: Range<Int>, statistics: Statistics,
    into contribution: inout [Float]
  ) {
    let dOutput = gradient.rows(rows)
    let centred = centred.rows(rows)
    let dBeta = columnSums(dOutput) { Double(dOutput[$0, $1]) }.map { Float($0) }
    let dGamma = columnSums(dOutput) { Double(dOutput[$0, $1]) * Double(centred[$0, $1]) }
      .map { Float($0) }
    contribution.replaceSubrange(shape.layout.range(of: TensorName.gamma), with: dGamma)
    contribution.replaceSubrange(shape.layout.range(of: TensorName.beta), with: dBeta)
    let scale = zip(gamma, Self.inverseDeviations(statistics)).map { $0 * $1 }
    let share = statistics.dependOnRows ? 1 / Float(rows.count) : 0
    for row in 0..<rows.count {
      for unit in 0..<units {
        let common = (dBeta[unit] + centred[row, unit] * dGamma[unit]) * share
        dOutput[row, unit] = scale[unit] * (dOutput[row, unit] - common)
      }
    }
  }

  private static func inverseDeviations(_ statistics: Statistics) -> [Float] {
    statistics.variance.map { Float(1 / (Double($0) + epsilon).squareRoot()) }
  }

  /// Returns, for each unit, the sum of a value over all rows in row order.
  private func columnSums(_ x: MatrixView, of value: (Int, Int) -> Double) -> [Double] {
    var sums = [Double](repeating: 0, count: units)
    for row in 0..<x.rows {
      for unit in 0..<units { sums[unit] += value(row, unit) }
    }
    return sums
  }
}
