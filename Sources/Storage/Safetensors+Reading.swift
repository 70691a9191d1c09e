import Foundation
import Numerics

extension Safetensors {
  /// Reads the file at `path`, of at most `limit` bytes.
  ///
  /// - Throws: `FileError` or `SafetensorsError`.
  package static func read(path: String, limit: Int = limit) throws -> Safetensors {
    try Safetensors(InputFile.read(path: path, limit: limit), path: path)
  }

  /// Reads and checks the content of a file; `path` is for the error.
  package init(_ bytes: [UInt8], path: String) throws(SafetensorsError) {
    let headerEnd = try Self.headerEnd(bytes, path: path)
    let header = try Self.header(bytes[8..<headerEnd], path: path)
    self.init(tensors: [], metadata: header.metadata)
    let entries = header.entries.sorted {
      ($0.value.offsets.first ?? 0, $0.value.offsets.last ?? 0, $0.key)
        < ($1.value.offsets.first ?? 0, $1.value.offsets.last ?? 0, $1.key)
    }
    let available = bytes.count - headerEnd
    var end = 0
    for (name, entry) in entries {
      let count = try Self.check(entry, name: name, after: end, available, path: path)
      let values = Kernels.floats(from: bytes, at: headerEnd + end, count: count)
      tensors.append(Tensor(name: name, shape: entry.shape, values: values))
      end += count * Self.elementSize
    }
    guard end == available else { throw .trailingBytes(path: path, count: available - end) }
  }

  /// Returns the end of the header, by its length at the beginning of the file.
  private static func headerEnd(
    _ bytes: [UInt8], path: String
  ) throws(SafetensorsError) -> Int {
    guard bytes.count >= 8 else {
      throw .headerTruncated(path: path, size: bytes.count, expected: 8)
    }
    let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= headerLimit else {
      throw .headerTooLong(path: path, length: length, limit: headerLimit)
    }
    let end = 8 + Int(length)
    guard bytes.count >= end else {
      throw .headerTruncated(path: path, size: bytes.count, expected: end)
    }
    return end
  }

  private static func header(
    _ bytes: ArraySlice<UInt8>, path: String
  ) throws(SafetensorsError) -> SafetensorsHeader {
    guard bytes.first == UInt8(ascii: "{") else {
      throw .headerInvalid(path: path, field: "", reason: "it does not begin with {")
    }
    do {
      return try JSONDecoder().decode(SafetensorsHeader.self, from: Data(bytes))
    } catch let error as DecodingError {
      throw .headerInvalid(path: path, field: error.field, reason: error.reason)
    } catch {
      throw .headerInvalid(path: path, field: "", reason: "it cannot be decoded")
    }
  }

  /// Checks one entry, whose bytes must begin at `place` and end within `available`; returns the
  /// number of its elements.
  private static func check(
    _ entry: SafetensorsEntry, name: String, after place: Int, _ available: Int, path: String
  ) throws(SafetensorsError) -> Int {
    guard entry.type == elementType else {
      throw .unsupportedType(path: path, tensor: name, type: entry.type)
    }
    guard let size = size(of: entry.shape) else {
      throw .invalidShape(path: path, tensor: name, shape: entry.shape)
    }
    guard entry.offsets.count == 2, entry.offsets[0] == place else {
      throw .wrongOffsets(path: path, tensor: name, offsets: entry.offsets, expected: place)
    }
    guard entry.offsets[1] >= place, entry.offsets[1] - place == size else {
      throw .sizeMismatch(path: path, tensor: name, shape: entry.shape, offsets: entry.offsets)
    }
    guard size <= available - place else {
      throw .truncated(path: path, tensor: name, size: available, expected: entry.offsets[1])
    }
    return size / elementSize
  }

  /// Returns the bytes of a tensor; nil if a dimension is negative or the product overflows.
  static func size(of shape: [Int]) -> Int? {
    var size = elementSize
    for dimension in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: dimension)
      guard dimension >= 0, !overflow else { return nil }
      size = product
    }
    return size
  }
}

extension DecodingError {
  private var context: Context? {
    switch self {
    case .typeMismatch(_, let context), .valueNotFound(_, let context),
      .keyNotFound(_, let context), .dataCorrupted(let context):
      context
    @unknown default: nil
    }
  }

  /// The path of keys at which decoding failed, "" at the top.
  fileprivate var field: String {
    context?.codingPath.map(\.stringValue).joined(separator: ".") ?? ""
  }

  /// The kind of the error, without Foundation's description of it.
  fileprivate var reason: String {
    switch self {
    case .keyNotFound(let key, _): "\(key.stringValue) is missing"
    case .typeMismatch, .valueNotFound: "it has a value of the wrong type"
    case .dataCorrupted: field.isEmpty ? "it is not valid JSON" : "it has an invalid value"
    @unknown default: "it cannot be decoded"
    }
  }
}
