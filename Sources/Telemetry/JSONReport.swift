package import Foundation

/// The JSON format of all reports: keys in snake case, sorted, one to a line.
package enum JSONReport {
  /// Returns `value` as JSON that ends with a line end.
  ///
  /// - Throws: `EncodingError` if `value` has a number that is not finite, which JSON cannot
  ///   express.
  package static func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value) + Data("\n".utf8)
  }
}
