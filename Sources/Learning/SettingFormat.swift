/// The text form of a setting's value, and the values allowed.
package struct SettingFormat<Value>: Sendable {
  /// The allowed values, in words that can follow "use".
  package let allowed: String
  /// The placeholder of a value in a command's help.
  package let placeholder: String
  /// Returns the value of a text; nil if the text is not an allowed value.
  let parse: @Sendable (String) -> Value?
  /// Returns the text of a value, which parses back to exactly the same value; nil for a value
  /// that is not written.
  let text: @Sendable (Value) -> String?
  /// All values, if they are names.
  var names: [String] = []
}

extension SettingFormat where Value: FixedWidthInteger & Sendable {
  /// A whole number in a range.
  package static func whole(in range: ClosedRange<Value>) -> SettingFormat {
    SettingFormat(
      allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)",
      placeholder: "number",
      parse: { text in Value(text).flatMap { range.contains($0) ? $0 : nil } },
      text: \.description)
  }
}

extension SettingFormat
where Value: RawRepresentable & CaseIterable & Sendable, Value.RawValue == String {
  /// One of the cases of an enumeration, by its raw value.
  package static func choice() -> SettingFormat {
    SettingFormat(
      allowed: SettingsError.list(Value.allCases.map(\.rawValue)), placeholder: "name",
      parse: { Value(rawValue: $0) }, text: \.rawValue, names: Value.allCases.map(\.rawValue))
  }
}

extension SettingFormat where Value == String {
  /// One of several names.
  static func name(of names: [String]) -> SettingFormat {
    SettingFormat(
      allowed: SettingsError.list(names), placeholder: "name",
      parse: { names.contains($0) ? $0 : nil }, text: { $0 }, names: names)
  }
}

extension SettingFormat where Value == Float {
  /// A finite number above 0.
  static let positive = SettingFormat(
    allowed: "a finite number above 0", placeholder: "number",
    parse: { text in Float(text).flatMap { $0 > 0 && $0.isFinite ? $0 : nil } },
    text: { settingText($0) })
}

extension SettingFormat where Value: LosslessStringConvertible & Sendable {
  /// A value with a text form of its own.
  static func text(
    _ allowed: String, placeholder: String,
    isValid: @escaping @Sendable (Value) -> Bool = { _ in true }
  ) -> SettingFormat {
    SettingFormat(
      allowed: allowed, placeholder: placeholder,
      parse: { text in Value(text).flatMap { isValid($0) ? $0 : nil } }, text: \.description)
  }
}

extension SettingFormat {
  /// The same values, or none at all, which is not written.
  package var optional: SettingFormat<Value?> {
    SettingFormat<Value?>(
      allowed: allowed, placeholder: placeholder,
      parse: { text in parse(text).map(Optional.some) },
      text: { value in value.flatMap(text) })
  }
}
