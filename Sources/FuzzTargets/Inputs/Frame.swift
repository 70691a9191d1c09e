import Bytes

/// Changes of frames and files that keep their checksums valid, so that a changed field is
/// reached by the reader.
enum Frame {
  /// Writes the CRC32C of the bytes from 8 on into bytes 4 to 7 of a message or tensor frame.
  static func seal(_ frame: inout [UInt8]) {
    guard frame.count >= 8 else { return }
    put(CRC32C.checksum(frame, 8..<frame.count), at: 4, in: &frame)
  }

  /// Writes an integer, least significant byte first, as far as the frame has room.
  static func put<Value: FixedWidthInteger>(_ value: Value, at place: Int, in frame: inout [UInt8])
  {
    for index in 0..<Value.bitWidth / 8 where place + index < frame.count {
      frame[place + index] = UInt8(truncatingIfNeeded: value >> Value(8 * index))
    }
  }

  /// Applies one lie at any place: another byte or integer, a missing or additional part.
  static func lie(_ frame: inout [UInt8], _ source: inout ByteSource) {
    guard !frame.isEmpty else { return }
    let place = source.below(frame.count)
    switch source.below(7) {
    case 0: frame[place] ^= 1 << (source.byte() & 7)
    case 1: put(source.oddInteger(UInt8.self), at: place, in: &frame)
    case 2: put(source.oddInteger(UInt32.self), at: place, in: &frame)
    case 3: put(source.oddInteger(UInt64.self), at: place, in: &frame)
    case 4: frame.removeSubrange(place...)
    case 5: frame.removeSubrange(place..<min(place + 1 + source.below(16), frame.count))
    default: frame.insert(contentsOf: source.take(1 + source.below(16)), at: place)
    }
  }

  /// Splits the bytes of a source into frames, each after its length in one or two bytes.
  static func split(_ source: inout ByteSource, atMost count: Int) -> [[UInt8]] {
    var frames: [[UInt8]] = []
    while frames.count < count, !source.isEmpty {
      let short = source.byte()
      let length = short < 255 ? Int(short) : Int(source.integer(UInt16.self))
      frames.append(source.take(length))
    }
    return frames
  }

  /// Joins frames in the form that ``split(_:atMost:)`` reads.
  static func joined(_ frames: [[UInt8]]) -> [UInt8] {
    frames.flatMap { frame -> [UInt8] in
      guard frame.count >= 255 else { return [UInt8(frame.count)] + frame }
      let size = UInt16(clamping: frame.count)
      return [255, UInt8(size & 255), UInt8(size >> 8)] + frame
    }
  }
}
