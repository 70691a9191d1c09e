import Numerics

extension Recipe {
  /// The table of a recipe's settings, in canonical order.
  package static let definitions: [SettingDefinition<Recipe>] = [
    SettingDefinition(
      "recipe", \.name, .name(of: presets.map(\.name)),
      help: "Named values for all settings of the recipe; other options change single settings",
      byDefault: tutorial.name),
    SettingDefinition("units", \.units, .whole(in: 1...8192), help: "Outputs of each LSTM layer"),
    SettingDefinition(
      "layers", \.layers, .whole(in: 1...8),
      help: "LSTM layers; each reads the outputs of the layer before it", mayBeMissing: true),
    SettingDefinition(
      "scan", \.scan, .choice(),
      help: "Part of an image that the LSTM reads in one time step"),
    SettingDefinition(
      "normalization", \.normalization, .choice(),
      help: """
        Batch normalization of the LSTM's last output; frozen uses mean 0 and variance 1 throughout
        """),
    SettingDefinition(
      "kernel-initializer", \.kernelInitializer, .choice(),
      help: "Initial values of the LSTM's kernels"),
    SettingDefinition(
      "dense-initializer", \.denseInitializer, .choice(),
      help: "Initial values of the dense layer's kernel"),
    SettingDefinition(
      "bias-initializer", \.biasInitializer, .choice(),
      help: "Initial values of the dense layer's bias"),
    SettingDefinition("batch-size", \.batchSize, .whole(in: 1...65536), help: "Samples in a batch"),
    SettingDefinition(
      "slices", \.slices, .slices,
      help: """
        Slices of a batch, the units of work of mode sync. The result depends on this number, not \
        on the number of workers
        """),
    SettingDefinition(
      "length", \.length, .length, help: "Length of the training", options: lengthOptions),
    SettingDefinition(
      "learning-rate", \.learningRate, .positive, help: "Maximum learning rate of Adam"),
    SettingDefinition(
      "schedule", \.schedule, .choice(), help: "Course of the learning rate after the warm-up",
      mayBeMissing: true),
    SettingDefinition(
      "warm-up", \.warmUp, .whole(in: 0...TrainingLength.maximumSteps),
      help: "Steps in which the learning rate grows to its maximum", mayBeMissing: true),
    SettingDefinition(
      "clip", \.clip,
      .text("none, value:X or norm:X with a finite X above 0", placeholder: "limit"),
      help: """
        Limit on the gradient, by element or by norm. If the recipe sets none, modes async and \
        bounded use norm:1
        """),
    SettingDefinition(
      "augmentation", \.augmentation,
      .text(
        "none or affine:SHIFT,WARP with SHIFT from 0 to 1000 (pixels) and WARP from 0 to 1",
        placeholder: "change"),
      help: "Random change of each training image", mayBeMissing: true),
    SettingDefinition(
      "evaluate-every", \.evaluateEvery, .whole(in: 0...TrainingLength.maximumSteps),
      help: "Steps between evaluations of the validation set; 0 evaluates at the end only"),
    SettingDefinition(
      "precision", \.precision, .choice(),
      help: """
        Precision of the operands of the LSTM's matrix products; weights and sums are always f32
        """,
      mayBeMissing: true),
  ]

  private static let lengthOptions = [
    SettingOption(
      name: "epochs", help: "Length of the training in passes over the training set",
      allowed: "a whole number from 1 to \(TrainingLength.maximumEpochs)", placeholder: "number",
      prefix: "epochs:"),
    SettingOption(
      name: "steps", help: "Length of the training in updates of the weights",
      allowed: "a whole number from 1 to \(TrainingLength.maximumSteps)", placeholder: "number",
      prefix: "steps:"),
  ]

  /// The recipe as texts, one for each row of ``definitions``, in canonical order.
  package var settings: [(key: String, value: String)] { Self.definitions.texts(of: self) }

  /// Creates the recipe of which ``settings`` are the texts, in any order.
  ///
  /// - Throws: ``SettingsError`` for an unknown or repeated key, a missing key that is required, a
  ///   bad value, or values that contradict each other.
  package init(settings: [(key: String, value: String)]) throws(SettingsError) {
    var recipe = Recipe.tutorial
    try Self.definitions.read(settings, into: &recipe)
    try recipe.validate()
    self = recipe
  }

  /// Changes one setting. The setting `recipe` changes the name only. Settings are not checked
  /// against each other: see ``validate()``.
  ///
  /// - Throws: ``SettingsError`` for an unknown key or a bad value; the recipe is then unchanged.
  package mutating func set(_ key: String, to value: String) throws(SettingsError) {
    try Self.definitions.set(key, to: value, in: &self)
  }
}

extension SettingFormat where Value == Int {
  fileprivate static let slices = SettingFormat(
    allowed: "a whole number from 1 to 65536, at most batch-size", placeholder: "number",
    parse: whole(in: 1...65536).parse, text: \.description)
}

extension SettingFormat where Value == TrainingLength {
  fileprivate static let length = text(
    "epochs:E with E from 1 to \(TrainingLength.maximumEpochs) or "
      + "steps:N with N from 1 to \(TrainingLength.maximumSteps)",
    placeholder: "length", isValid: \.isValid)
}
