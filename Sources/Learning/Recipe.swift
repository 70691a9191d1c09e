package import Numerics

/// A model and its training, without the data, the seed and the machines.
///
/// The canonical form is ``settings``: texts in a fixed order, from which the same recipe can be
/// read. Recipes are sent, stored and compared in this form.
package struct Recipe: Sendable, Hashable {
  /// The name of the preset on which the recipe is based.
  package var name: String
  /// The number of outputs of an LSTM layer, 1...8192.
  package var units: Int
  /// The number of LSTM layers, 1...8; each reads the outputs of the layer before it.
  package var layers = 1
  /// The order in which an image is read as a sequence.
  package var scan: Scan
  /// The normalization between the LSTM's last output and the dense layer.
  package var normalization: Normalization
  /// The initial values of the LSTM's kernels; its biases are initially zero.
  package var kernelInitializer: Initializer
  /// The initial values of the dense layer's kernel.
  package var denseInitializer: Initializer
  /// The initial values of the dense layer's bias.
  package var biasInitializer: Initializer
  /// The number of samples in a batch, 1...65536.
  package var batchSize: Int
  /// The number of slices in a batch, 1...batchSize: the units in which a batch is divided among
  /// workers, and with ``Normalization/batch`` the groups over which statistics are computed.
  package var slices: Int
  /// The length of the training.
  package var length: TrainingLength
  /// The maximum learning rate of Adam, finite and above 0.
  package var learningRate: Float
  /// The course of the learning rate after the warm-up.
  package var schedule = Schedule.constant
  /// The number of steps in which the learning rate grows to its maximum; 0 for no warm-up.
  package var warmUp: UInt64 = 0
  /// The limit on the mean gradient of a batch.
  package var clip: Clip
  /// The random change of training images.
  package var augmentation = Augmentation.none
  /// The number of steps between evaluations of the validation set; 0 evaluates at the end only.
  package var evaluateEvery: UInt64
  /// The precision of the operands of the LSTM's matrix products.
  package var precision = Precision.float32

  /// Checks every setting against its range, and the settings against each other.
  ///
  /// - Throws: ``SettingsError``, naming the first setting that is wrong.
  package func validate() throws(SettingsError) {
    var copy = self
    for setting in settings { try copy.set(setting.key, to: setting.value) }
    guard slices <= batchSize else {
      throw .slicesExceedBatch(slices: slices, batchSize: batchSize)
    }
    guard augmentation == .none || scan != .pixels else {
      throw .augmentationOfPixels(augmentation)
    }
  }
}
