package import Numerics

/// What stands between the LSTM's last output and the dense layer.
package enum Normalization: String, Sendable, Hashable, CaseIterable {
  /// Nothing.
  case none
  /// Batch normalization with the statistics of a slice in training and moving averages in
  /// evaluation.
  case batch
  /// Batch normalization that never sees a batch: its mean stays 0 and its variance 1, in
  /// training too, while gamma and beta are trained.
  case frozen
}

/// The numbers that fix a model's tensors: an LSTM that reads `timeSteps` steps of `features`
/// values, in `layers` layers with `units` outputs each, of which the top layer's last goes,
/// normalized or not, to a dense layer with `classes` outputs.
package struct ModelShape: Sendable, Hashable {
  /// The number of steps in a sequence.
  package let timeSteps: Int
  /// The number of values that one step brings.
  package let features: Int
  /// The number of an LSTM layer's outputs.
  package let units: Int
  /// The number of LSTM layers.
  package let layers: Int
  /// The number of classes, at most 256.
  package let classes: Int
  /// What stands between the LSTM's last output and the dense layer.
  package let normalization: Normalization
  /// The tensors' places in the flat vector of weights, named and shaped as in TensorFlow:
  /// lstm/kernel [features + units, 4 * units], lstm/bias [4 * units], for every further layer n
  /// lstm_n/kernel [2 * units, 4 * units] and lstm_n/bias [4 * units],
  /// batch_normalization/gamma and beta [units], dense/kernel [units, classes],
  /// dense/bias [classes], and then, not trainable, batch_normalization/moving_mean and
  /// moving_variance [units].
  package let layout: ParameterLayout

  /// The model of these numbers.
  ///
  /// - Precondition: the five numbers are at least 1, and `classes` is at most 256.
  package init(
    timeSteps: Int, features: Int, units: Int, layers: Int = 1, classes: Int,
    normalization: Normalization
  ) {
    precondition(min(timeSteps, features, units, layers, classes) > 0 && classes <= 256)
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

  /// The model of a recipe for images of `height` x `width` pixels in `classes` classes.
  package init(recipe: Recipe, height: Int, width: Int, classes: Int) {
    self.init(
      timeSteps: recipe.scan.timeSteps(height: height, width: width),
      features: recipe.scan.features(height: height, width: width),
      units: recipe.units, layers: recipe.layers, classes: classes,
      normalization: recipe.normalization)
  }

  /// The number of values in a sample: `timeSteps * features`.
  package var sampleLength: Int { timeSteps * features }

  /// The number of values that an LSTM layer, counted from 1, reads at each step.
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
  /// [features + units, 4 * units], the rows of x before those of h, gates i, j, f, o.
  package static let lstmKernel = "lstm/kernel"
  /// [4 * units], gates i, j, f, o.
  package static let lstmBias = "lstm/bias"

  /// The kernel of an LSTM layer, counted from 1: beyond the first, [2 * units, 4 * units], the
  /// rows of the output below before those of h.
  package static func lstmKernel(layer: Int) -> String {
    layer == 1 ? lstmKernel : "lstm_\(layer)/kernel"
  }

  /// The bias of an LSTM layer, counted from 1.
  package static func lstmBias(layer: Int) -> String {
    layer == 1 ? lstmBias : "lstm_\(layer)/bias"
  }

  /// [units] the scale of batch normalization.
  package static let gamma = "batch_normalization/gamma"
  /// [units] the offset of batch normalization.
  package static let beta = "batch_normalization/beta"
  /// [units, classes].
  package static let denseKernel = "dense/kernel"
  /// [classes].
  package static let denseBias = "dense/bias"
  /// [units] the moving average of the batch means, not trained.
  package static let movingMean = "batch_normalization/moving_mean"
  /// [units] the moving average of the batch variances, not trained.
  package static let movingVariance = "batch_normalization/moving_variance"
}
