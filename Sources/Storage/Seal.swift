import Bytes
import Numerics

/// The CRC-32C of a whole safetensors file, as text in its own metadata: every bit counts, those of
/// the header and its padding too.
///
/// It is taken of the file with the checksum's eight digits as zeros.
enum Seal {
  static let key = "checksum"
  private static let blank = "00000000"
  private static let opening = Array("\"\(key)\":\"".utf8)

  /// The content of the file, with its checksum.
  static func sealed(
    _ file: Safetensors, path: String
  ) throws(SafetensorsError) -> [UInt8] {
    var file = file
    file.metadata[key] = blank
    var bytes = try file.serialized(path: path)
    if let place = place(in: bytes) { bytes.replaceSubrange(place, with: digits(of: bytes).utf8) }
    return bytes
  }

  /// Checks that not one bit of a file is other than it was written.
  static func verify(_ bytes: [UInt8], path: String) throws(CheckpointError) {
    guard let place = place(in: bytes) else { throw .noChecksum(path: path) }
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

  /// Where the digits are: within the header, after the first mention of their name.
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
