package import Numerics

/// The normalization of the LSTM's last output before the dense layer.
package enum Normalization: String, Sendable, Hashable, CaseIterable {
  /// No normalization.
  case none
  /// Batch normalization with the statistics of a slice in training and moving averages in
  /// evaluation.
  case batch
  /// Batch normalization with a fixed mean of 0 and a fixed variance of 1, in training too; gamma
  /// and beta are trained.
  case frozen
}

/// The dimensions of a model: a stack of `layers` LSTM layers with `units` outputs each, which
/// reads `timeSteps` time steps of `features` values; and a dense layer with `classes` outputs,
/// which reads the top layer's last output, optionally normalized.
package struct ModelShape: Sendable, Hashable {
  /// The number of time steps in a sequence.
  package let timeSteps: Int
  /// The number of values read at each time step.
  package let features: Int
  /// The number of outputs of each LSTM layer.
  package let units: Int
  /// The number of LSTM layers.
  package let layers: Int
  /// The number of classes, at most 256.
  package let classes: Int
  /// The normalization of the LSTM's last output.
  package let normalization: Normalization
  /// The layout of the flat vector of weights, with names and shapes as in TensorFlow:
  /// lstm/kernel [features + units, 4 * units], lstm/bias [4 * units], for every further layer n
  /// lstm_n/kernel [2 * units, 4 * units] and lstm_n/bias [4 * units],
  /// batch_normalization/gamma and beta [units], dense/kernel [units, classes],
  /// dense/bias [classes], and then, not trainable, batch_normalization/moving_mean and
  /// moving_variance [units].
  package let layout: ParameterLayout

  /// Creates the shape of a model.
  ///
  /// - Precondition: the five dimensions are at least 1, and `classes` is at most 256.
  package init(
    timeSteps: Int, features: Int, units: Int, layers: Int = 1, classes: Int,
    normalization: Normalization
  ) {
    precondition(
      min(timeSteps, features, units, layers, classes) > 0, "all dimensions must be at least 1")
    precondition(classes <= 256, "\(classes) classes are more than 256")
    self.timeSteps = timeSteps
    self.features = features
    self.units = units
    self.layers = layers
    self.classes = classes
    self.normalization = normalization
    layout = Self.layout(
      features: features, units: units, layers: layers, classes: classes,
      normalized: normalization != .none)
  }

  /// Creates the shape of a recipe's model for images of `height` x `width` pixels in `classes`
  /// classes.
  package init(recipe: Recipe, height: Int, width: Int, classes: Int) {
    self.init(
      timeSteps: recipe.scan.timeSteps(height: height, width: width),
      features: recipe.scan.features(height: height, width: width),
      units: recipe.units, layers: recipe.layers, classes: classes,
      normalization: recipe.normalization)
  }

  /// The number of values in a sample: `timeSteps * features`.
  package var sampleLength: Int { timeSteps * features }

  /// Returns the number of values that an LSTM layer, counted from 1, reads at each time step.
  func features(ofLayer layer: Int) -> Int { layer == 1 ? features : units }

  private static func layout(
    features: Int, units: Int, layers: Int, classes: Int, normalized: Bool
  ) -> ParameterLayout {
    typealias Entry = ParameterLayout.Entry
    var entries: [Entry] = []
    for layer in 1...layers {
      let inputs = layer == 1 ? features : units
      entries.append(Entry(TensorName.lstmKernel(layer: layer), [inputs + units, 4 * units]))
      entries.append(Entry(TensorName.lstmBias(layer: layer), [4 * units]))
    }
    if normalized {
      entries.append(Entry(TensorName.gamma, [units]))
      entries.append(Entry(TensorName.beta, [units]))
    }
    entries.append(Entry(TensorName.denseKernel, [units, classes]))
    entries.append(Entry(TensorName.denseBias, [classes]))
    if normalized {
      entries.append(Entry(TensorName.movingMean, [units], trainable: false))
      entries.append(Entry(TensorName.movingVariance, [units], trainable: false))
    }
    return ParameterLayout(entries)
  }
}

/// The names of a model's tensors, as in TensorFlow.
package enum TensorName {
  /// The kernel of the first LSTM layer, [features + units, 4 * units]: the rows of x, then those
  /// of h; the columns of the gates i, j, f, o.
  package static let lstmKernel = "lstm/kernel"
  /// The bias of the first LSTM layer, [4 * units]: the gates i, j, f, o.
  package static let lstmBias = "lstm/bias"

  /// Returns the name of the kernel of an LSTM layer, counted from 1. After the first layer, the
  /// kernel is [2 * units, 4 * units]: the rows of the output below, then those of h.
  package static func lstmKernel(layer: Int) -> String {
    layer == 1 ? lstmKernel : "lstm_\(layer)/kernel"
  }

  /// Returns the name of the bias of an LSTM layer, counted from 1.
  package static func lstmBias(layer: Int) -> String {
    layer == 1 ? lstmBias : "lstm_\(layer)/bias"
  }

  /// The scale of batch normalization, [units].
  package static let gamma = "batch_normalization/gamma"
  /// The offset of batch normalization, [units].
  package static let beta = "batch_normalization/beta"
  /// The kernel of the dense layer, [units, classes].
  package static let denseKernel = "dense/kernel"
  /// The bias of the dense layer, [classes].
  package static let denseBias = "dense/bias"
  /// The moving average of the batch means, [units], not trained.
  package static let movingMean = "batch_normalization/moving_mean"
  /// The moving average of the batch variances, [units], not trained.
  package static let movingVariance = "batch_normalization/moving_variance"
}
