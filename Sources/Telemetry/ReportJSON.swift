package import Foundation

/// The JSON of reports and settings: keys in snake case, sorted and indented, with a final newline.
package enum ReportJSON {
  /// Returns the JSON of a value.
  package static func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value) + Data("\n".utf8)
  }

  /// Returns the value in JSON whose keys are in snake case.
  package static func decode<Value: Decodable>(
    _ type: Value.Type, from json: some Sequence<UInt8>
  ) throws -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: Data(json))
  }

  /// Returns a text as a JSON string.
  static func text(_ value: String) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "null"
  }

  /// The text of a number: null unless it is finite.
  static func number(_ value: Double) -> String { value.isFinite ? "\(value)" : "null" }
}

/// A number that is null in JSON unless it is finite; null reads back as NaN.
@propertyWrapper
package struct NullUnlessFinite: Codable, Sendable, Equatable {
  /// The number.
  package var wrappedValue: Double

  /// Creates a wrapper of a number.
  package init(wrappedValue: Double) { self.wrappedValue = wrappedValue }

  /// Reads a number or null.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    wrappedValue = container.decodeNil() ? .nan : try container.decode(Double.self)
  }

  /// Writes the number or null.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try wrappedValue.isFinite ? container.encode(wrappedValue) : container.encodeNil()
  }
}
