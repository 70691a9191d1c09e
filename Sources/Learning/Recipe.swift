package import Numerics

/// Everything that decides what is trained and how, but for the data, the seed and the machines.
///
/// Its canonical form is ``settings``: texts in a fixed order, from which the same recipe is read
/// again. In that form it travels, is stored, and is compared.
package struct Recipe: Sendable, Hashable {
  /// The name of the preset from which the recipe began.
  package var name: String
  /// The number of an LSTM layer's outputs, 1...8192.
  package var units: Int
  /// The number of LSTM layers, 1...8, each reading the outputs of the one before.
  package var layers = 1
  /// How an image is read as a sequence.
  package var scan: Scan
  /// What stands between the LSTM's last output and the dense layer.
  package var normalization: Normalization
  /// How the LSTM's kernels begin; its biases begin at zeros.
  package var kernelInitializer: Initializer
  /// How the dense layer's kernel begins.
  package var denseInitializer: Initializer
  /// How the dense layer's bias begins.
  package var biasInitializer: Initializer
  /// The number of samples in a batch, 1...65536.
  package var batchSize: Int
  /// The number of slices in a batch, 1...batchSize: the unit in which a batch is shared out, and
  /// with ``Normalization/batch`` the group over which statistics are taken.
  package var slices: Int
  /// When training ends.
  package var length: TrainingLength
  /// Adam's learning rate at its height, finite and above 0.
  package var learningRate: Float
  /// How the learning rate changes after the warm-up.
  package var schedule = Schedule.constant
  /// The number of updates over which the learning rate grows to its full size; 0 for none.
  package var warmUp: UInt64 = 0
  /// How the mean gradient of a batch is bounded.
  package var clip: Clip
  /// How training images are changed at random.
  package var augmentation = Augmentation.none
  /// The number of steps from one evaluation of the validation set to the next; 0 evaluates at
  /// the end only.
  package var evaluateEvery: UInt64
  /// What the operands of the LSTM's products are rounded to.
  package var precision = Precision.float32

  /// Checks every setting against its range, and the settings against each other.
  package func validate() throws(RecipeError) {
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
