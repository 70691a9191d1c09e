/// A reason why texts are not the settings of a training. The description is one line that names
/// the setting, the value and the remedy.
package enum SettingsError: Error, Hashable {
  /// There is no recipe of this name.
  case unknownRecipe(name: String)
  /// There is no setting with this key.
  case unknownKey(key: String, value: String, known: [String])
  /// A required setting is missing.
  case missingKey(key: String, allowed: String)
  /// A setting is given twice.
  case repeatedKey(key: String, value: String)
  /// A setting is given that exists in other circumstances only.
  case inapplicable(key: String, value: String, circumstances: String)
  /// A value is malformed or outside the allowed range.
  case badValue(key: String, value: String, allowed: String)
  /// A batch has fewer samples than slices.
  case slicesExceedBatch(slices: Int, batchSize: Int)
  /// An augmentation needs the rows of an image, and images are read pixel by pixel.
  case augmentationOfPixels(Augmentation)
}

extension SettingsError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unknownRecipe(let name):
      "recipe '\(name)' is unknown; use \(Self.list(Recipe.presets.map(\.name)))"
    case .unknownKey(let key, let value, let known):
      "setting '\(key)' (value '\(value)') is unknown; use \(Self.list(known))"
    case .missingKey(let key, let allowed):
      "setting '\(key)' is missing; use \(allowed)"
    case .repeatedKey(let key, let value):
      "setting '\(key)' is given twice, the second time with value '\(value)'; give it once"
    case .inapplicable(let key, let value, let circumstances):
      "setting '\(key)' (value '\(value)') applies to \(circumstances) only; leave it out"
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

  /// Returns the words as a list with "or" before the last.
  static func list(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.joined() }
    return words.dropLast().joined(separator: ", ") + " or " + last
  }
}
