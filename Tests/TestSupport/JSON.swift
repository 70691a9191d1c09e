package import Foundation

/// Reader of JSON objects whose keys a test compares one by one.
package enum JSON {
  /// Returns the object that `data` contains.
  package static func object(_ data: Data) throws -> [String: Any] {
    let value = try JSONSerialization.jsonObject(with: data)
    guard let object = value as? [String: Any] else { throw CocoaError(.coderInvalidValue) }
    return object
  }

  /// Returns the object that `text` contains.
  package static func object(_ text: some StringProtocol) throws -> [String: Any] {
    try object(Data(text.utf8))
  }
}
