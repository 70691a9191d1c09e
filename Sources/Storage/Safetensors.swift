/// Named tensors of 32-bit floats and metadata as text, in the safetensors format
/// (https://github.com/huggingface/safetensors): the header's length as a little-endian 64-bit
/// number, the header in JSON, then the tensors' elements, little-endian and without gaps.
package struct Safetensors: Sendable, Equatable {
  /// One tensor.
  package struct Tensor: Sendable, Equatable {
    /// The name, unique in the file.
    package var name: String
    /// The dimensions; none for a single number.
    package var shape: [Int]
    /// The elements in row-major order, as many as the shape requires.
    package var values: [Float]

    /// Creates a tensor of `values`, whose number must be the product of `shape`.
    package init(name: String, shape: [Int], values: [Float]) {
      self.name = name
      self.shape = shape
      self.values = values
    }
  }

  /// The tensors in the order of their elements in the file.
  package var tensors: [Tensor]
  /// The texts by name: the format's `__metadata__`.
  package var metadata: [String: String]

  /// Creates a file of `tensors` and `metadata` in memory.
  package init(tensors: [Tensor], metadata: [String: String] = [:]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// The tensor named `name`; nil if there is none.
  package subscript(name: String) -> Tensor? {
    tensors.first { $0.name == name }
  }

  /// The largest file that is read, in bytes: 1 GiB.
  package static let limit = 1 << 30
  /// The largest header that is read, in bytes: 16 MiB. (The format allows 100 MB.)
  package static let headerLimit = 1 << 24

  static let metadataKey = "__metadata__"
  static let elementType = "F32"
  static let elementSize = 4
}

/// The header's entry for one tensor, with the format's own names.
struct SafetensorsEntry: Codable {
  var type: String
  var shape: [Int]
  /// Begin and end of the tensor's bytes, counted from the end of the header.
  var offsets: [Int]

  enum CodingKeys: String, CodingKey {
    case type = "dtype"
    case shape
    case offsets = "data_offsets"
  }
}

/// The header: a JSON object of entries and the metadata.
struct SafetensorsHeader: Codable {
  var entries: [String: SafetensorsEntry] = [:]
  var metadata: [String: String] = [:]

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(entries: [String: SafetensorsEntry], metadata: [String: String]) {
    self.entries = entries
    self.metadata = metadata
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    for key in container.allKeys {
      if key.stringValue == Safetensors.metadataKey {
        metadata = try container.decode([String: String].self, forKey: key)
      } else {
        entries[key.stringValue] = try container.decode(SafetensorsEntry.self, forKey: key)
      }
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    if !metadata.isEmpty {
      try container.encode(metadata, forKey: Key(stringValue: Safetensors.metadataKey))
    }
    for (name, entry) in entries {
      try container.encode(entry, forKey: Key(stringValue: name))
    }
  }
}
