import Bytes
package import Learning
package import Wire

/// Everything that decides what a run computes: the recipe, the mode, and the seed.
///
/// Written as ordered pairs of text it is part of the welcome to every worker, of the run's files,
/// and of the model's metadata.
package struct TrainingSettings: Sendable, Equatable {
  /// Model, optimizer, and length of the run.
  package var recipe: Recipe
  /// How updates are made.
  package var mode: Mode
  /// The seed of the weights and of every epoch's order.
  package var seed: UInt64
  /// In ``Mode/bounded``: batches that a worker may be ahead of the slowest one.
  package var lead: UInt64 = 1
  /// Without order of arrival: a gradient of weights that are older by more versions than this is
  /// not applied, and its batch is computed anew; nil for any.
  package var maximumStaleness: UInt64?

  /// Settings of a run.
  package init(recipe: Recipe, mode: Mode, seed: UInt64) {
    self.recipe = recipe
    self.mode = mode
    self.seed = seed
  }

  /// The settings as ordered pairs of text; ``init(_:)`` reads them back.
  package var pairs: [Setting] {
    recipe.settings.map { Setting(key: $0.key, value: $0.value) } + [
      Setting(key: "mode", value: mode.rawValue),
      Setting(key: "seed", value: String(seed)),
    ] + stalenessPairs
  }

  /// Only what is not as it always is, so that older files are read, too.
  private var stalenessPairs: [Setting] {
    var pairs: [Setting] = []
    if mode == .bounded { pairs.append(Setting(key: "staleness", value: String(lead))) }
    if let maximumStaleness {
      pairs.append(Setting(key: "max-staleness", value: String(maximumStaleness)))
    }
    return pairs
  }

  /// Reads settings from pairs of text.
  ///
  /// - Throws: ``SettingsError``, naming the key that is missing, unknown or malformed.
  package init(_ pairs: [Setting]) throws(SettingsError) {
    var rest = pairs
    mode = try Self.take("mode", from: &rest) { Mode(rawValue: $0) }
    seed = try Self.take("seed", from: &rest) { UInt64($0) }
    if mode == .bounded { lead = try Self.take("staleness", from: &rest) { UInt64($0) } }
    if rest.contains(where: { $0.key == "max-staleness" }) {
      maximumStaleness = try Self.take("max-staleness", from: &rest) { UInt64($0) }
    }
    do {
      recipe = try Recipe(settings: rest.map { ($0.key, $0.value) })
    } catch {
      throw .recipe(error)
    }
  }

  /// A number that differs when the model or its training differ: FNV-1a over the pairs.
  package var fingerprint: UInt64 {
    var hash = FNV1a()
    for pair in pairs { hash.combine("\(pair.key)=\(pair.value)\n".utf8) }
    return hash.value
  }

  private static func take<Value>(
    _ key: String, from pairs: inout [Setting], _ parse: (String) -> Value?
  ) throws(SettingsError) -> Value {
    guard let index = pairs.firstIndex(where: { $0.key == key }) else { throw .missing(key) }
    let text = pairs.remove(at: index).value
    guard let value = parse(text) else { throw .malformed(key: key, value: text) }
    return value
  }
}

/// Why settings could not be read.
package enum SettingsError: Error, Equatable, CustomStringConvertible {
  /// A key is not there.
  case missing(String)
  /// The text of a key is no value of it.
  case malformed(key: String, value: String)
  /// The recipe's part is wrong.
  case recipe(RecipeError)

  /// One line: what is wrong and where.
  package var description: String {
    switch self {
    case .missing(let key): "setting '\(key)' is missing"
    case .malformed(let key, let value): "setting '\(key)' cannot be '\(value)'"
    case .recipe(let error): "\(error)"
    }
  }
}
