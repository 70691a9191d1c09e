import Bytes
import Coordination
internal import Foundation
import Wire

/// Reads the metadata of a model or checkpoint field by field; what remains are the settings.
struct MetadataReader {
  private var rest: [String: String]
  private let path: String

  /// Creates a reader of the metadata of the file at `path`; the checksum is left out.
  init(_ metadata: [String: String], path: String) {
    rest = metadata
    rest[Seal.key] = nil
    self.path = path
  }

  /// Takes the format, which must be `expected`.
  mutating func format(_ expected: String) throws(ContentError) {
    guard try text(.format) == expected else { throw error(.format) }
  }

  /// Takes a text; nil if the field is missing.
  mutating func optionalText(_ field: MetadataField) -> String? {
    rest.removeValue(forKey: field.rawValue)
  }

  /// Takes a text.
  mutating func text(_ field: MetadataField) throws(ContentError) -> String {
    guard let text = optionalText(field) else { throw error(field) }
    return text
  }

  /// Takes an integer that is not negative.
  mutating func count(_ field: MetadataField) throws(ContentError) -> UInt64 {
    try parse(field) { UInt64($0) }
  }

  /// Takes an integer in `range`.
  mutating func number(
    _ field: MetadataField, in range: ClosedRange<Int>
  ) throws(ContentError) -> Int {
    try parse(field) { Int($0).flatMap { range.contains($0) ? $0 : nil } }
  }

  /// Takes an integer in `range`; `standard` if the field is missing.
  mutating func number(
    _ field: MetadataField, in range: ClosedRange<Int>, default standard: Int
  ) throws(ContentError) -> Int {
    rest[field.rawValue] == nil ? standard : try number(field, in: range)
  }

  /// Takes `true` or `false`.
  mutating func flag(_ field: MetadataField) throws(ContentError) -> Bool {
    try parse(field) { Bool($0) }
  }

  /// Takes integers in ascending order, separated by commas.
  mutating func list(_ field: MetadataField) throws(ContentError) -> [UInt64] {
    try parse(field) { text in
      let parts = text.split(separator: ",", omittingEmptySubsequences: false)
      guard !text.isEmpty else { return [] }
      let numbers = parts.compactMap { UInt64($0) }
      let isAscending = zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }
      return numbers.count == parts.count && isAscending ? numbers : nil
    }
  }

  /// Takes counts by number: NUMBER:COUNT, separated by commas.
  mutating func counts(_ field: MetadataField) throws(ContentError) -> [UInt64: UInt64] {
    try parse(field) { text in
      var counts: [UInt64: UInt64] = [:]
      for part in text.split(separator: ",") {
        let pair = part.split(separator: ":").compactMap { UInt64($0) }
        guard pair.count == 2, counts.updateValue(pair[1], forKey: pair[0]) == nil else {
          return nil
        }
      }
      return counts
    }
  }

  /// Takes incarnations of workers; none if the field is missing.
  mutating func incarnations(
    _ field: MetadataField
  ) throws(ContentError) -> [WorkerIncarnation] {
    guard let text = optionalText(field) else { return [] }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let incarnations = parts.compactMap { WorkerIncarnation(metadata: $0) }
    guard incarnations.count == parts.count else { throw error(field) }
    return incarnations
  }

  /// Takes the contributors of weights after `steps` updates; unknown ones if the field is missing.
  mutating func contributors(
    _ field: MetadataField, steps: UInt64
  ) throws(ContentError) -> Contributors {
    guard let text = optionalText(field) else { return .unknown(steps: steps) }
    var firstSteps: [String: UInt64] = [:]
    for part in text.split(separator: ",") {
      let pair = part.split(separator: ":", omittingEmptySubsequences: false)
      guard pair.count == 2, let name = String(pair[0]).removingPercentEncoding,
        let step = UInt64(pair[1]), (1...max(steps, 1)).contains(step),
        firstSteps.updateValue(step, forKey: name) == nil
      else { throw error(field) }
    }
    let others = firstSteps.removeValue(forKey: "")
    return Contributors(firstSteps: firstSteps, firstOfOthers: others)
  }

  /// Returns the settings: all fields that were not taken. An unknown field is an error.
  func settings() throws(ContentError) -> TrainingSettings {
    do {
      return try TrainingSettings(rest.map { Setting(key: $0.key, value: $0.value) })
    } catch {
      throw .settings(path: path, reason: "\(error)")
    }
  }

  private mutating func parse<Value>(
    _ field: MetadataField, _ parse: (String) -> Value?
  ) throws(ContentError) -> Value {
    guard let value = parse(try text(field)) else { throw error(field) }
    return value
  }

  private func error(_ field: MetadataField) -> ContentError {
    .field(path: path, field: field.rawValue)
  }
}

extension String {
  /// The name of a worker in percent encoding.
  fileprivate var encodedName: String {
    let plain = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._"))
    return addingPercentEncoding(withAllowedCharacters: plain) ?? ""
  }
}

extension Contributors {
  /// The record as metadata: NAME:STEP, separated by commas.
  var metadata: String {
    let named = firstSteps.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
      .map { "\($0.key.encodedName):\($0.value)" }
    return (named + (firstOfOthers.map { [":\($0)"] } ?? [])).joined(separator: ",")
  }
}

extension WorkerIncarnation {
  /// The incarnation as metadata: NAME:INCARNATION.
  var metadata: String { "\(name.encodedName):\(incarnation.hexadecimal)" }

  /// Creates an incarnation from metadata; nil if the text is not valid.
  fileprivate init?(metadata: Substring) {
    let parts = metadata.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let name = String(parts[0]).removingPercentEncoding,
      let incarnation = UInt64(parts[1], radix: 16)
    else { return nil }
    self.init(name: name, incarnation: incarnation)
  }
}

extension TrainingSettings {
  /// The settings as metadata.
  var metadata: [String: String] {
    Dictionary(uniqueKeysWithValues: pairs.map { ($0.key, $0.value) })
  }
}
