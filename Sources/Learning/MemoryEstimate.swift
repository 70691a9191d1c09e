package import Numerics

/// The memory that a process needs for a model, computed before any of it is allocated.
///
/// All figures are bytes. They are of type Double, since the product of the largest settings
/// exceeds the range of Int.
package struct MemoryEstimate: Sendable, Hashable {
  /// The weights, in the forms in which the process holds them at a time.
  package let model: Double
  /// What grows with the number of samples that are computed at a time.
  package let batch: Double

  /// The sum.
  package var total: Double { model + batch }

  private static let float = 4.0

  /// Returns the memory of a server: the weights and their two moments; three gradients that are
  /// received or summed; the encoded weights; and a checkpoint, which has a copy of weights and
  /// moments, their tensors, and the content of the file.
  package static func server(_ shape: ModelShape) -> MemoryEstimate {
    let layout = shape.layout
    let state = Double(layout.count) + 2 * Double(layout.trainableCount)
    return MemoryEstimate(
      model: float * (4 * state + 3 * Double(layout.count) + Double(layout.count)), batch: 0)
  }

  /// Returns the memory of a worker: the received weights as bytes and as floats, the packed
  /// matrices, and a gradient as floats and as bytes; and for the batch the samples, the traces of
  /// the LSTM, and the other values of each row.
  ///
  /// - Parameters:
  ///   - rows: the rows that are computed at a time: `maximumRows` of the ``Classifier``.
  ///   - slices: the slices among them; with normalization each has a contribution.
  package static func worker(
    _ shape: ModelShape, precision: Precision, rows: Int, slices: Int
  ) -> MemoryEstimate {
    let weights = Double(shape.layout.count)
    let contributions = shape.normalization == .none ? 1 : 1 + Double(slices)
    let layers = (1...shape.layers).map { Layer($0, of: shape) }
    let packed = layers.map { $0.packed(precision) }.reduce(0, +)
    let perRow =
      layers.map(\.perRow).reduce(0, +)
      + 2 * Double(shape.timeSteps) * Double(shape.features) + Double(shape.classes)
      + (shape.normalization == .none ? 2 : 4) * Double(shape.units)
    return MemoryEstimate(
      model: float * (2 * weights + packed + (1 + contributions) * weights),
      batch: float * Double(rows) * perRow)
  }

  /// Returns the memory of a process that is both, such as a launcher's server and workers.
  package static func + (left: MemoryEstimate, right: MemoryEstimate) -> MemoryEstimate {
    MemoryEstimate(model: left.model + right.model, batch: left.batch + right.batch)
  }

  /// Returns the memory of several processes of the same kind.
  package static func * (count: Int, one: MemoryEstimate) -> MemoryEstimate {
    MemoryEstimate(model: Double(count) * one.model, batch: Double(count) * one.batch)
  }
}

/// The dimensions of an LSTM layer, as numbers to compute its memory with, in floats.
private struct Layer {
  private let units: Double
  private let features: Double
  private let timeSteps: Double
  private let isFirst: Bool

  init(_ layer: Int, of shape: ModelShape) {
    units = Double(shape.units)
    features = Double(shape.features(ofLayer: layer))
    timeSteps = Double(shape.timeSteps)
    isFirst = layer == 1
  }

  /// The kernel, its transposed lower rows and, above the first layer, its transposed upper rows.
  func packed(_ precision: Precision) -> Double {
    let kernel = (features + units) * 4 * units
    let transposed = 4 * units * (units + (isFirst ? 0 : features))
    return (kernel + transposed) * (precision == .bfloat16 ? 0.5 : 1)
  }

  /// Inputs, gates and states of all time steps in training, of two in an evaluation, and the two
  /// gradients of the backward pass.
  var perRow: Double {
    (timeSteps + min(timeSteps, 2)) * (features + units + 4 * units + 16 + units) + 2 * units
  }
}
