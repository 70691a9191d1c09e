/// One row of a table of settings: the name of a setting, its values, the property that stores it,
/// and its description.
///
/// Everything that deals with settings is made from the table: the texts in files and messages and
/// their order, the command-line options and their help, the arguments of child processes, the
/// checks, and the error messages. A new setting is one row and the property.
package struct SettingDefinition<Root>: Sendable {
  /// The name of the setting in texts.
  package let key: String
  /// The allowed values, in words that can follow "use".
  package let allowed: String
  /// Whether files of earlier versions lack the setting; it then has its initial value.
  package let mayBeMissing: Bool
  /// The circumstances in which the setting exists; nil if it always does.
  package let condition: SettingCondition<Root>?
  /// The command-line options that set it, of which one may be given at a time.
  package let options: [SettingOption]
  private let read: @Sendable (Root) -> String?
  private let write: @Sendable (String, inout Root) -> Bool

  /// Creates a row.
  ///
  /// - Parameters:
  ///   - key: the name in texts, and of the option unless `options` lists others.
  ///   - property: the property that stores the value.
  ///   - format: the allowed values and their texts.
  ///   - help: the description, without a full stop; the allowed values are appended.
  ///   - byDefault: the default of the option, if it does not depend on the recipe.
  ///   - mayBeMissing: whether files of earlier versions lack the setting.
  ///   - condition: the circumstances in which the setting exists.
  ///   - options: the options that set it, where they are not one with the name of the key.
  package init<Value>(
    _ key: String, _ property: any WritableKeyPath<Root, Value> & Sendable,
    _ format: SettingFormat<Value>, help: String, byDefault: String? = nil,
    mayBeMissing: Bool = false, condition: SettingCondition<Root>? = nil,
    options: [SettingOption]? = nil
  ) {
    self.key = key
    self.allowed = format.allowed
    self.mayBeMissing = mayBeMissing
    self.condition = condition
    self.options =
      options ?? [
        SettingOption(
          name: key, help: help, allowed: format.allowed, placeholder: format.placeholder,
          byDefault: byDefault, names: format.names)
      ]
    read = { format.text($0[keyPath: property]) }
    write = { text, root in
      guard let value = format.parse(text) else { return false }
      root[keyPath: property] = value
      return true
    }
  }

  private init<Part>(
    _ part: SettingDefinition<Part>, at property: any WritableKeyPath<Root, Part> & Sendable
  ) {
    (key, allowed, mayBeMissing) = (part.key, part.allowed, part.mayBeMissing)
    condition = part.condition?.lifted(to: property)
    options = part.options
    read = { part.read($0[keyPath: property]) }
    write = { text, root in part.write(text, &root[keyPath: property]) }
  }

  /// Returns the same row for a type that contains a `Root`.
  package func lifted<Whole>(
    to property: any WritableKeyPath<Whole, Root> & Sendable
  ) -> SettingDefinition<Whole> {
    SettingDefinition<Whole>(self, at: property)
  }

  /// Returns the text of the setting; nil if it does not exist in these circumstances.
  package func text(in root: Root) -> String? {
    guard condition?.isMet(root) ?? true else { return nil }
    return read(root)
  }

  /// Changes the setting. It is not checked against other settings.
  ///
  /// - Throws: ``SettingsError/badValue(key:value:allowed:)``; nothing is then changed.
  package func set(_ text: String, in root: inout Root) throws(SettingsError) {
    guard write(text, &root) else { throw .badValue(key: key, value: text, allowed: allowed) }
  }
}

/// The circumstances in which a setting exists.
package struct SettingCondition<Root>: Sendable {
  /// The circumstances as a setting with its values, such as "mode bounded".
  package let words: String
  /// Returns whether the circumstances hold.
  package let isMet: @Sendable (Root) -> Bool

  /// Creates a condition.
  package init(_ words: String, isMet: @escaping @Sendable (Root) -> Bool) {
    self.words = words
    self.isMet = isMet
  }

  func lifted<Whole>(to property: any KeyPath<Whole, Root> & Sendable) -> SettingCondition<Whole> {
    SettingCondition<Whole>(words) { isMet($0[keyPath: property]) }
  }
}

/// A command-line option that sets a setting.
package struct SettingOption: Sendable {
  /// The name, without the leading hyphens.
  package let name: String
  /// The allowed values, in words that can follow "use".
  package let allowed: String
  /// The placeholder of the value in a command's help.
  package let placeholder: String
  /// The description in a command's help: one sentence, the allowed values, and the default.
  package let help: String
  /// The text in front of the option's value that makes it the setting's value.
  package let prefix: String
  /// All values, if they are names: the completions of a shell.
  package let names: [String]

  /// Creates an option.
  package init(
    name: String, help: String, allowed: String, placeholder: String, byDefault: String? = nil,
    prefix: String = "", names: [String] = []
  ) {
    self.name = name
    self.allowed = allowed
    self.placeholder = placeholder
    self.help = "\(help). (\(allowed)\(byDefault.map { "; default: \($0)" } ?? ""))"
    self.prefix = prefix
    self.names = names
  }
}
