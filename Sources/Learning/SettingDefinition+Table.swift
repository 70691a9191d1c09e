extension Array {
  /// Returns the settings of `root` as texts, in the order of the table.
  package func texts<Root>(of root: Root) -> [(key: String, value: String)]
  where Element == SettingDefinition<Root> {
    compactMap { definition in definition.text(in: root).map { (definition.key, $0) } }
  }

  /// Reads the texts of ``texts(of:)`` in any order into `root`, which holds the initial values of
  /// settings that may be missing.
  ///
  /// - Throws: ``SettingsError`` for a key that is unknown, repeated, or does not exist in these
  ///   circumstances, for a bad value, and for a missing key.
  package func read<Root>(
    _ texts: [(key: String, value: String)], into root: inout Root
  ) throws(SettingsError) where Element == SettingDefinition<Root> {
    var seen: [String: String] = [:]
    for (key, value) in texts {
      try set(key, to: value, in: &root)
      guard seen.updateValue(value, forKey: key) == nil else {
        throw .repeatedKey(key: key, value: value)
      }
    }
    for definition in self {
      let isWritten = definition.text(in: root) != nil
      if let value = seen[definition.key] {
        guard !isWritten, let condition = definition.condition else { continue }
        throw .inapplicable(key: definition.key, value: value, circumstances: condition.words)
      } else if isWritten, !definition.mayBeMissing {
        throw .missingKey(key: definition.key, allowed: definition.allowed)
      }
    }
  }

  /// Changes one setting. It is not checked against other settings.
  ///
  /// - Throws: ``SettingsError`` for an unknown key or a bad value; nothing is then changed.
  package func set<Root>(
    _ key: String, to value: String, in root: inout Root
  ) throws(SettingsError) where Element == SettingDefinition<Root> {
    guard let definition = first(where: { $0.key == key }) else {
      throw .unknownKey(key: key, value: value, known: map(\.key))
    }
    try definition.set(value, in: &root)
  }
}
