import Bytes
internal import Numerics

/// The CRC32C in bytes 4 to 7 of each frame, computed over all bytes after it.
///
/// The first four bytes are the frame's magic number, which is compared directly. So every byte of
/// a frame is checked.
enum Checksum {
  private static let offset = 4
  private static let coveredFrom = 8

  /// Writes the checksum into an otherwise complete frame.
  static func seal(_ frame: inout [UInt8]) {
    let sum = CRC32C.checksum(frame, coveredFrom..<frame.count)
    for index in 0..<4 {
      frame[offset + index] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index)))
    }
  }

  /// Compares the checksum of a frame of at least eight bytes with the stated one.
  static func verify(_ frame: Bytes, stated: UInt32, place: String) throws(WireError) {
    let computed = CRC32C.checksum(frame, coveredFrom..<frame.count)
    guard stated == computed else {
      throw .checksumMismatch(place: place, stated: stated, computed: computed)
    }
  }
}
