import Coordination
import Wire

/// The metadata of a checkpoint, taken out field by field; what is left in the end are settings.
struct CheckpointFields {
  private var rest: [String: String]
  private let path: String

  /// The fields of the file at `path`.
  init(_ metadata: [String: String], path: String) {
    rest = metadata
    rest[Seal.key] = nil
    self.path = path
  }

  /// The text of a field.
  mutating func text(_ field: Checkpoint.Field) throws(CheckpointError) -> String {
    guard let text = rest.removeValue(forKey: field.rawValue) else { throw error(field) }
    return text
  }

  /// A whole number, zero or above.
  mutating func count(_ field: Checkpoint.Field) throws(CheckpointError) -> UInt64 {
    try parse(field) { UInt64($0) }
  }

  /// A whole number of this range.
  mutating func number(
    _ field: Checkpoint.Field, in range: ClosedRange<Int>
  ) throws(CheckpointError) -> Int {
    try parse(field) { Int($0).flatMap { range.contains($0) ? $0 : nil } }
  }

  /// Yes or no.
  mutating func flag(_ field: Checkpoint.Field) throws(CheckpointError) -> Bool {
    try parse(field) { Bool($0) }
  }

  /// Numbers in ascending order, divided by commas.
  mutating func list(_ field: Checkpoint.Field) throws(CheckpointError) -> [UInt64] {
    try parse(field) { text in
      let parts = text.split(separator: ",", omittingEmptySubsequences: false)
      guard !text.isEmpty else { return [] }
      let numbers = parts.compactMap { UInt64($0) }
      let isAscending = zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }
      return numbers.count == parts.count && isAscending ? numbers : nil
    }
  }

  /// Counts by number, NUMBER:COUNT, divided by commas.
  mutating func counts(_ field: Checkpoint.Field) throws(CheckpointError) -> [UInt64: UInt64] {
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

  /// What no field took: the settings, all of them.
  func settings() throws(CheckpointError) -> TrainingSettings {
    do {
      return try TrainingSettings(rest.map { Setting(key: $0.key, value: $0.value) })
    } catch {
      throw .settings(path: path, reason: "\(error)")
    }
  }

  private mutating func parse<Value>(
    _ field: Checkpoint.Field, _ parse: (String) -> Value?
  ) throws(CheckpointError) -> Value {
    guard let value = parse(try text(field)) else { throw error(field) }
    return value
  }

  private func error(_ field: Checkpoint.Field) -> CheckpointError {
    .field(path: path, field: field.rawValue)
  }
}
