import Bytes
internal import Numerics

/// The CRC32C that each frame carries in its bytes 4 to 7, over all bytes behind it.
///
/// The four bytes before it are the frame's magic, which is compared as such, so that every byte of
/// a frame is checked.
enum Checksum {
  private static let offset = 4
  private static let coveredFrom = 8

  /// Writes the checksum into a complete frame.
  static func seal(_ frame: inout [UInt8]) {
    let sum = CRC32C.checksum(frame, coveredFrom..<frame.count)
    for index in 0..<4 {
      frame[offset + index] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index)))
    }
  }

  /// Compares a frame of at least eight bytes with the checksum that it states.
  static func verify(_ frame: Bytes, stated: UInt32, place: String) throws(WireError) {
    let computed = CRC32C.checksum(frame, coveredFrom..<frame.count)
    guard stated == computed else {
      throw .checksumMismatch(place: place, stated: stated, computed: computed)
    }
  }
}
