import Foundation
import Numerics

extension Safetensors {
  /// Writes the file to `path` atomically.
  ///
  /// - Throws: `SafetensorsError` or `FileError`.
  package func write(to path: String) throws {
    try AtomicFile.write(serialized(path: path), to: path)
  }

  /// Returns the content of the file: the same bytes for the same tensors and metadata. The header
  /// is padded with spaces so that the elements begin at a multiple of 8 bytes. `path` is for the
  /// error.
  package func serialized(path: String = "") throws(SafetensorsError) -> [UInt8] {
    var header = try encodedHeader(path: path)
    while !header.count.isMultiple(of: 8) { header.append(UInt8(ascii: " ")) }
    guard header.count <= Self.headerLimit else {
      throw .headerTooLong(
        path: path, length: UInt64(header.count), limit: Self.headerLimit)
    }
    var bytes = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
    bytes += header
    for tensor in tensors { Kernels.append(tensor.values, to: &bytes) }
    return bytes
  }

  private func encodedHeader(path: String) throws(SafetensorsError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let header = SafetensorsHeader(entries: try entries(path: path), metadata: metadata)
    do {
      return [UInt8](try encoder.encode(header))
    } catch {
      throw .headerInvalid(path: path, field: "", reason: "it cannot be encoded as JSON")
    }
  }

  private func entries(path: String) throws(SafetensorsError) -> [String: SafetensorsEntry] {
    var entries: [String: SafetensorsEntry] = [:]
    var place = 0
    for tensor in tensors {
      let offsets = [place, place + tensor.values.count * Self.elementSize]
      guard Self.size(of: tensor.shape) == offsets[1] - place else {
        throw .sizeMismatch(
          path: path, tensor: tensor.name, shape: tensor.shape, offsets: offsets)
      }
      guard tensor.name != Self.metadataKey, entries[tensor.name] == nil else {
        throw .nameTaken(path: path, tensor: tensor.name)
      }
      entries[tensor.name] = SafetensorsEntry(
        type: Self.elementType, shape: tensor.shape, offsets: offsets)
      place = offsets[1]
    }
    return entries
  }
}
