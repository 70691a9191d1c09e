public import Tensors

/// Everything that decides what is trained and how, but for the data, the seed and the machines.
///
/// Its canonical form is ``settings``: texts in a fixed order, from which the same recipe is read
/// again. In that form it travels, is stored, and is compared.
public struct Recipe: Sendable, Hashable {
  /// The name of the preset from which the recipe began.
  public var name: String
  /// The number of an LSTM layer's outputs, 1...8192.
  public var units: Int
  /// The number of LSTM layers, 1...8, each reading the outputs of the one before.
  public var layers = 1
  /// How an image is read as a sequence.
  public var scan: Scan
  /// What stands between the LSTM's last output and the dense layer.
  public var normalization: Normalization
  /// How the LSTM's kernels begin; its biases begin at zeros.
  public var kernelInitializer: Initializer
  /// How the dense layer's kernel begins.
  public var denseInitializer: Initializer
  /// How the dense layer's bias begins.
  public var biasInitializer: Initializer
  /// The number of samples in a batch, 1...65536.
  public var batchSize: Int
  /// The number of slices in a batch, 1...batchSize: the unit in which a batch is shared out, and
  /// with ``Normalization/batch`` the group over which statistics are taken.
  public var slices: Int
  /// When training ends.
  public var length: TrainingLength
  /// Adam's learning rate at its height, finite and above 0.
  public var learningRate: Float
  /// How the learning rate changes after the warm-up.
  public var schedule = Schedule.constant
  /// The number of updates over which the learning rate grows to its full size; 0 for none.
  public var warmUp: UInt64 = 0
  /// How the mean gradient of a batch is bounded.
  public var clip: Clip
  /// How training images are changed at random.
  public var augmentation = Augmentation.none
  /// The number of steps from one evaluation of the validation set to the next; 0 evaluates at
  /// the end only.
  public var evaluateEvery: UInt64
  /// What the operands of the LSTM's products are rounded to.
  public var precision = Precision.float32

  /// Checks every setting against its range, and the settings against each other.
  public func validate() throws(RecipeError) {
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
