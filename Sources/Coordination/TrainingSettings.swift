import Bytes
package import Learning
package import Wire

/// Everything that determines the result of a run, except the data: the recipe, the mode, and the
/// seed.
///
/// The text form, ordered pairs of key and value, is part of the welcome to every worker, of the
/// files of a run, and of a model's metadata.
package struct TrainingSettings: Sendable, Equatable {
  /// The model, the optimizer, and the length of the training.
  package var recipe: Recipe
  /// The rule by which the server updates the weights.
  package var mode: Mode
  /// The seed of the initial weights and of the order of samples in every epoch.
  package var seed: UInt64
  /// The number of batches that a worker may be ahead of the slowest one, in ``Mode/bounded``.
  package var stalenessBound: UInt64 = 1
  /// The greatest age of a gradient that is applied, in weights versions, in modes other than
  /// ``Mode/sync``; batches of older gradients are computed again. Nil for no limit.
  package var maximumStaleness: UInt64?

  /// Creates the settings of a run.
  package init(recipe: Recipe, mode: Mode, seed: UInt64) {
    self.recipe = recipe
    self.mode = mode
    self.seed = seed
  }

  /// The settings of a run for which no options are given.
  package static let standard = TrainingSettings(recipe: .tutorial, mode: .sync, seed: 10)

  /// The table of all settings, in canonical order.
  package static let definitions: [SettingDefinition<TrainingSettings>] =
    Recipe.definitions.map { $0.lifted(to: \.recipe) } + runDefinitions

  private static let runDefinitions: [SettingDefinition<TrainingSettings>] = [
    SettingDefinition(
      "mode", \.mode, .choice(),
      help: """
        Rule for updates: sync combines the slices of each batch in a fixed order, with a result \
        that does not depend on the workers; async applies gradients on arrival; bounded also \
        limits the lead of fast workers
        """,
      byDefault: standard.mode.rawValue),
    SettingDefinition(
      "seed", \.seed, .whole(in: UInt64.min...UInt64.max),
      help: "Seed of the initial weights and of the order of samples",
      byDefault: "\(standard.seed)"),
    SettingDefinition(
      "staleness", \.stalenessBound, .whole(in: 0...1_000_000),
      help: "Batches that a worker may be ahead of the slowest one, in mode bounded",
      byDefault: "\(standard.stalenessBound)",
      condition: SettingCondition("mode bounded") { $0.mode == .bounded }),
    SettingDefinition(
      "max-staleness", \.maximumStaleness, SettingFormat.whole(in: 0...1_000_000).optional,
      help: """
        Greatest age of a gradient, in updates, in modes async and bounded; batches of older \
        gradients are computed again
        """,
      byDefault: "no limit",
      condition: SettingCondition("mode async and bounded") { $0.mode != .sync }),
  ]

  /// The settings as ordered pairs of text; ``init(_:)`` reads them.
  package var pairs: [Setting] {
    Self.definitions.texts(of: self).map { Setting(key: $0.key, value: $0.value) }
  }

  /// Creates the settings of which `pairs` are the texts, in any order.
  ///
  /// - Throws: `SettingsError`, naming the key that is missing, unknown or malformed.
  package init(_ pairs: [Setting]) throws(SettingsError) {
    self = .standard
    try Self.definitions.read(pairs.map { ($0.key, $0.value) }, into: &self)
    try recipe.validate()
  }

  /// A hash of the model and its training: 64-bit FNV-1a over the pairs.
  package var fingerprint: UInt64 {
    var hash = FNV1a()
    for pair in pairs { hash.combine("\(pair.key)=\(pair.value)\n".utf8) }
    return hash.value
  }
}
