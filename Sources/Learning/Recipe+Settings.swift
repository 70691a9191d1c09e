import Numerics

extension Recipe {
  /// The keys of the settings, in canonical order. They are the command line's names, too.
  package enum Key: String, Sendable, CaseIterable {
    case recipe
    case units
    case layers
    case scan
    case normalization
    case kernelInitializer = "kernel-initializer"
    case denseInitializer = "dense-initializer"
    case biasInitializer = "bias-initializer"
    case batchSize = "batch-size"
    case slices
    case length
    case learningRate = "learning-rate"
    case schedule
    case warmUp = "warm-up"
    case clip
    case augmentation
    case evaluateEvery = "evaluate-every"
    case precision

    /// Whether files of earlier versions lack it; it is then as it was before there was a choice.
    package var mayBeMissing: Bool {
      switch self {
      case .layers, .schedule, .warmUp, .augmentation, .precision: true
      default: false
      }
    }

    /// What a value of this setting may be, in words that follow "use".
    package var allowed: String {
      switch self {
      case .recipe: RecipeError.list(Recipe.presets.map(\.name))
      case .units: "a whole number in 1...8192"
      case .layers: "a whole number in 1...8"
      case .scan: RecipeError.list(Scan.allCases.map(\.rawValue))
      case .normalization: RecipeError.list(Normalization.allCases.map(\.rawValue))
      case .kernelInitializer, .denseInitializer, .biasInitializer:
        RecipeError.list(Initializer.allCases.map(\.rawValue))
      case .batchSize: "a whole number in 1...65536"
      case .slices: "a whole number in 1...65536, at most batch-size"
      case .length:
        "epochs:E with E in 1...\(TrainingLength.maximumEpochs) or "
          + "steps:N with N in 1...\(TrainingLength.maximumSteps)"
      case .learningRate: "a finite number above 0"
      case .schedule: RecipeError.list(Schedule.allCases.map(\.rawValue))
      case .clip: "none, value:X or norm:X with a finite X above 0"
      case .augmentation:
        "none or affine:SHIFT,WARP with SHIFT in 0...1000 (pixels) and WARP in 0...1"
      case .precision: RecipeError.list(Precision.allCases.map(\.rawValue))
      case .evaluateEvery, .warmUp: "a whole number in 0...\(TrainingLength.maximumSteps)"
      }
    }
  }

  /// The recipe as texts, one for each ``Key``, in canonical order.
  package var settings: [(key: String, value: String)] {
    Key.allCases.map { (key: $0.rawValue, value: text(of: $0)) }
  }

  /// Reads what ``settings`` wrote, in any order.
  ///
  /// - Throws: ``RecipeError`` for an unknown or repeated key, a key that is missing and may not
  ///   be, a bad value, or values that contradict each other.
  package init(settings: [(key: String, value: String)]) throws(RecipeError) {
    var recipe = Recipe.tutorial
    var seen: Set<String> = []
    for (key, value) in settings {
      try recipe.set(key, to: value)
      guard seen.insert(key).inserted else { throw .repeatedKey(key: key, value: value) }
    }
    let needed = Key.allCases.filter { !$0.mayBeMissing }
    if let missing = needed.first(where: { !seen.contains($0.rawValue) }) {
      throw .missingKey(key: missing.rawValue)
    }
    try recipe.validate()
    self = recipe
  }

  /// The text of one setting; it reads back to exactly the same value.
  package func text(of key: Key) -> String {
    switch key {
    case .recipe: name
    case .units: units.description
    case .layers: layers.description
    case .scan: scan.rawValue
    case .normalization: normalization.rawValue
    case .kernelInitializer: kernelInitializer.rawValue
    case .denseInitializer: denseInitializer.rawValue
    case .biasInitializer: biasInitializer.rawValue
    case .batchSize: batchSize.description
    case .slices: slices.description
    case .length: length.description
    case .learningRate: settingText(learningRate)
    case .schedule: schedule.rawValue
    case .warmUp: warmUp.description
    case .clip: clip.description
    case .augmentation: augmentation.description
    case .evaluateEvery: evaluateEvery.description
    case .precision: precision.rawValue
    }
  }

  /// Changes one setting. The setting `recipe` changes the name alone. Settings are not checked
  /// against each other: see ``validate()``.
  ///
  /// - Throws: ``RecipeError`` for an unknown key or a bad value; the recipe is then unchanged.
  package mutating func set(_ key: String, to value: String) throws(RecipeError) {
    guard let known = Key(rawValue: key) else { throw .unknownKey(key: key, value: value) }
    guard assign(value, to: known) else {
      throw .badValue(key: key, value: value, allowed: known.allowed)
    }
  }

  private mutating func assign(_ text: String, to key: Key) -> Bool {
    switch key {
    case .recipe: put(Self.presets.first { $0.name == text }?.name, in: \.name)
    case .units: put(whole(text, in: 1...8192), in: \.units)
    case .layers: put(whole(text, in: 1...8), in: \.layers)
    case .scan: put(Scan(rawValue: text), in: \.scan)
    case .normalization: put(Normalization(rawValue: text), in: \.normalization)
    case .kernelInitializer: put(Initializer(rawValue: text), in: \.kernelInitializer)
    case .denseInitializer: put(Initializer(rawValue: text), in: \.denseInitializer)
    case .biasInitializer: put(Initializer(rawValue: text), in: \.biasInitializer)
    case .batchSize: put(whole(text, in: 1...65536), in: \.batchSize)
    case .slices: put(whole(text, in: 1...65536), in: \.slices)
    case .length: put(TrainingLength(text).flatMap { $0.isValid ? $0 : nil }, in: \.length)
    case .learningRate: put(positive(text), in: \.learningRate)
    case .schedule: put(Schedule(rawValue: text), in: \.schedule)
    case .warmUp: put(whole(text, in: 0...TrainingLength.maximumSteps), in: \.warmUp)
    case .clip: put(Clip(text), in: \.clip)
    case .augmentation: put(Augmentation(text), in: \.augmentation)
    case .precision: put(Precision(rawValue: text), in: \.precision)
    case .evaluateEvery:
      put(whole(text, in: 0...TrainingLength.maximumSteps), in: \.evaluateEvery)
    }
  }

  private mutating func put<Value>(
    _ value: Value?, in field: WritableKeyPath<Recipe, Value>
  ) -> Bool {
    guard let value else { return false }
    self[keyPath: field] = value
    return true
  }

  private func whole<Number: FixedWidthInteger>(
    _ text: String, in range: ClosedRange<Number>
  ) -> Number? {
    Number(text).flatMap { range.contains($0) ? $0 : nil }
  }

  private func positive(_ text: String) -> Float? {
    Float(text).flatMap { $0 > 0 && $0.isFinite ? $0 : nil }
  }
}
