import Numerics

/// Batch normalization (Ioffe & Szegedy 2015) of the LSTM's last output, TensorFlow's
/// `batch_normalization`: gamma * (x - mean) / sqrt(variance + epsilon) + beta, with the biased
/// variance.
///
/// In training the statistics are those of one slice's rows alone, "ghost" batches (Hoffer,
/// Hubara & Soudry 2017), so that a slice's gradient depends on nothing but the slice. Sums over
/// rows are taken in row order and in double precision.
final class BatchNormalization {
  /// What is added to a variance before its root is taken.
  static let epsilon = 1e-3
  /// How much of a moving average stays when a batch is added to it.
  static let momentum = 0.99

  /// A mean and a biased variance for each unit.
  struct Statistics {
    /// [units].
    var mean: [Float]
    /// [units].
    var variance: [Float]
    /// Whether the statistics depend on the rows, so that gradients flow through them.
    var followRows: Bool
  }

  private let shape: ModelShape
  private let centred: MatrixView
  private let output: MatrixView
  private var gamma: [Float] = []
  private var beta: [Float] = []
  private var moving = Statistics(mean: [], variance: [], followRows: false)

  /// Workspace for up to `maximumRows` rows of `shape.units` values.
  init(shape: ModelShape, maximumRows: Int) {
    self.shape = shape
    centred = MatrixView(rows: maximumRows, columns: shape.units)
    output = MatrixView(rows: maximumRows, columns: shape.units)
  }

  private var units: Int { shape.units }

  /// Takes over gamma, beta and the moving averages; frozen ones are 0 and 1 whatever is stored.
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

  /// The statistics with which training normalizes a slice.
  ///
  /// - Parameter x: [rows, units] the rows of the slice, at least one.
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
      followRows: true)
  }

  /// Normalizes with the moving averages.
  ///
  /// - Parameter x: [rows, units].
  /// - Returns: [rows, units].
  func evaluate(_ x: MatrixView) -> MatrixView {
    forward(x, rows: 0..<x.rows, statistics: moving)
    return output.rows(0..<x.rows)
  }

  /// Normalizes the rows of one slice; the result is to be found in ``outputs(_:)``.
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

  /// [rows, units] what the last `forward` made of these rows.
  func outputs(_ rows: Range<Int>) -> MatrixView { output.rows(rows) }

  /// Turns the gradient of the output into that of the input, in place, for the rows of a slice,
  /// and writes the gradients of gamma and beta.
  ///
  ///     dx = gamma / deviation * (dy - mean(dy) - centred * mean(dy * centred))
  ///
  /// where the means, taken over the rows, are absent for statistics that do not follow them.
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
    let share = statistics.followRows ? 1 / Float(rows.count) : 0
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

  /// The sum over all rows, in row order, of a value for each row and unit.
  private func columnSums(_ x: MatrixView, of value: (Int, Int) -> Double) -> [Double] {
    var sums = [Double](repeating: 0, count: units)
    for row in 0..<x.rows {
      for unit in 0..<units { sums[unit] += value(row, unit) }
    }
    return sums
  }
}
