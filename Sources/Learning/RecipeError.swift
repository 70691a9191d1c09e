/// Why settings are not a ``Recipe``. The description is one line that names the setting, the
/// value and the remedy.
package enum RecipeError: Error, Hashable {
  /// No recipe has this name.
  case unknownRecipe(name: String)
  /// No setting has this key.
  case unknownKey(key: String, value: String)
  /// A setting is absent.
  case missingKey(key: String)
  /// A setting is given twice.
  case repeatedKey(key: String, value: String)
  /// A value cannot be read, or lies outside the allowed range.
  case badValue(key: String, value: String, allowed: String)
  /// A batch has fewer samples than it should have slices.
  case slicesExceedBatch(slices: Int, batchSize: Int)
  /// Images that are read pixel by pixel have no lines that could be moved.
  case augmentationOfPixels(Augmentation)
}

extension RecipeError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unknownRecipe(let name):
      "recipe '\(name)' is unknown; use \(Self.list(Recipe.presets.map(\.name)))"
    case .unknownKey(let key, let value):
      "setting '\(key)' (value '\(value)') is unknown; use "
        + Self.list(Recipe.Key.allCases.map(\.rawValue))
    case .missingKey(let key):
      "setting '\(key)' is missing; give it as \(Recipe.Key(rawValue: key)?.allowed ?? "text")"
    case .repeatedKey(let key, let value):
      "setting '\(key)' is given again with value '\(value)'; give it once"
    case .badValue(let key, let value, let allowed):
      "setting '\(key)' cannot be '\(value)'; use \(allowed)"
    case .slicesExceedBatch(let slices, let batchSize):
      "setting 'slices' cannot be '\(slices)' with batch-size \(batchSize); "
        + "use \(batchSize) slices or fewer, or a larger batch-size"
    case .augmentationOfPixels(let augmentation):
      "setting 'augmentation' cannot be '\(augmentation)' with scan pixels; "
        + "use augmentation none, or scan rows or columns"
    }
  }

  static func list(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.joined() }
    return words.dropLast().joined(separator: ", ") + " or " + last
  }
}
