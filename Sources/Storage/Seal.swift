import Bytes
import Numerics

/// The CRC-32C of a whole safetensors file, stored in its own metadata.
///
/// The checksum covers every byte of the file, including the header and its padding; its eight
/// hexadecimal digits count as zeros. Models and checkpoints are sealed.
enum Seal {
  /// The name of the checksum in the metadata.
  static let key = "checksum"
  private static let blank = "00000000"
  private static let opening = Array("\"\(key)\":\"".utf8)

  /// Returns the serialized file with its checksum.
  static func sealed(
    _ file: Safetensors, path: String
  ) throws(SafetensorsError) -> [UInt8] {
    var file = file
    file.metadata[key] = blank
    var bytes = try file.serialized(path: path)
    if let place = place(in: bytes) { bytes.replaceSubrange(place, with: digits(of: bytes).utf8) }
    return bytes
  }

  /// Verifies the checksum of a file, which must have one.
  static func verify(_ bytes: [UInt8], path: String) throws(ContentError) {
    guard let place = place(in: bytes) else { throw .noChecksum(path: path) }
    try verify(bytes, at: place, path: path)
  }

  /// Verifies the checksum of a file unless it has none: earlier versions did not seal models.
  ///
  /// A damaged name of the checksum is an unknown setting, which readers of the metadata reject.
  static func verifyIfPresent(_ bytes: [UInt8], path: String) throws(ContentError) {
    guard let place = place(in: bytes) else { return }
    try verify(bytes, at: place, path: path)
  }

  private static func verify(
    _ bytes: [UInt8], at place: Range<Int>, path: String
  ) throws(ContentError) {
    var blanked = bytes
    blanked.replaceSubrange(place, with: blank.utf8)
    let stated = String(decoding: bytes[place], as: UTF8.self)
    let computed = digits(of: blanked)
    guard stated == computed else {
      throw .damaged(path: path, stated: stated, computed: computed)
    }
  }

  private static func digits(of bytes: [UInt8]) -> String {
    CRC32C.checksum(bytes).hexadecimal
  }

  /// The range of the digits: in the header, after the first occurrence of their name.
  private static func place(in bytes: [UInt8]) -> Range<Int>? {
    guard bytes.count >= 8 else { return nil }
    let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let end = min(bytes.count, 8 + Int(min(length, UInt64(Safetensors.headerLimit))))
    let last = end - opening.count - blank.utf8.count
    guard last >= 8 else { return nil }
    for start in 8...last where bytes[start] == opening[0] {
      guard bytes[start..<start + opening.count].elementsEqual(opening) else { continue }
      return start + opening.count..<start + opening.count + blank.utf8.count
    }
    return nil
  }
}
