// The notebooks of the three versions evaluate the validation set every ten steps, which takes
// longer than the training itself. Here the interval is a setting; the default is one epoch of
// MNIST, 1,100 steps.
extension Recipe {
  /// The recipe of the tutorial's notebook: 999 steps, weights of the dense layer from N(0, 1).
  package static let tutorial = Recipe(
    name: "tutorial", units: 128, scan: .rows, normalization: .none,
    kernelInitializer: .glorotUniform, denseInitializer: .normal, biasInitializer: .normal,
    batchSize: 100, slices: 8, length: .steps(999), learningRate: 0.001, clip: .none,
    evaluateEvery: 100)

  /// The first of three versions: the tutorial's model, 11 epochs with batches of 50.
  package static let v1 = Recipe(
    name: "v1", units: 128, scan: .rows, normalization: .none,
    kernelInitializer: .glorotUniform, denseInitializer: .normal, biasInitializer: .normal,
    batchSize: 50, slices: 8, length: .epochs(11), learningRate: 0.001, clip: .none,
    evaluateEvery: 1100)

  /// The second version: variance scaling for both kernels, zeros for the dense bias.
  package static let v2 = Recipe(
    name: "v2", units: 128, scan: .rows, normalization: .none,
    kernelInitializer: .varianceScaling, denseInitializer: .varianceScaling,
    biasInitializer: .zeros, batchSize: 50, slices: 8, length: .epochs(11), learningRate: 0.001,
    clip: .none, evaluateEvery: 1100)

  /// The third version as its text describes it: batch normalization of the last output, and
  /// gradients clipped by value. With two slices, statistics are computed over 25 samples.
  package static let v3 = Recipe(
    name: "v3", units: 128, scan: .rows, normalization: .batch,
    kernelInitializer: .varianceScaling, denseInitializer: .varianceScaling,
    biasInitializer: .zeros, batchSize: 50, slices: 2, length: .epochs(11), learningRate: 0.001,
    clip: .value(1), evaluateEvery: 1100)

  /// The third version as its code ran: the training flag of batch normalization was never set.
  package static let v3AsRun = Recipe(
    name: "v3-as-run", units: 128, scan: .rows, normalization: .frozen,
    kernelInitializer: .varianceScaling, denseInitializer: .varianceScaling,
    biasInitializer: .zeros, batchSize: 50, slices: 8, length: .epochs(11), learningRate: 0.001,
    clip: .value(1), evaluateEvery: 1100)

  /// A better recipe for the same LSTM. Each use of an image applies another random affine map, the
  /// learning rate is ten times that of the notebooks and decreases along a cosine, and the norm of
  /// the gradient is limited, which makes this rate stable.
  package static let best = Recipe(
    name: "best", units: 128, scan: .rows, normalization: .none,
    kernelInitializer: .glorotUniform, denseInitializer: .glorotUniform,
    biasInitializer: .zeros, batchSize: 100, slices: 8, length: .epochs(20), learningRate: 0.01,
    schedule: .cosine, warmUp: 200, clip: .norm(1), augmentation: .affine(shift: 2, warp: 0.15),
    evaluateEvery: 550)

  /// The recipes of the notebooks.
  static let notebooks = [tutorial, v1, v2, v3, v3AsRun]

  /// All recipes that can be selected by name.
  package static let presets = notebooks + [best]

  /// Returns the recipe with the given name.
  ///
  /// - Throws: ``SettingsError/unknownRecipe(name:)``.
  package static func preset(named name: String) throws(SettingsError) -> Recipe {
    guard let recipe = presets.first(where: { $0.name == name }) else {
      throw .unknownRecipe(name: name)
    }
    return recipe
  }
}
