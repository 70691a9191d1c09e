/// Gzip members with stored blocks, described by the bytes of a source, with valid checksums.
enum GzipMaker {
  /// Returns a member with a content of up to 64 bytes, and this content.
  static func member(_ source: inout ByteSource) -> (bytes: [UInt8], content: [UInt8]) {
    let flags = source.byte() & 0b1_1110
    let content = source.take(source.below(65))
    var bytes: [UInt8] = [0x1F, 0x8B, 8, flags, 0, 0, 0, 0, 0, 3]
    if flags & 0b100 != 0 {
      let extra = source.take(source.below(8))
      bytes += [UInt8(extra.count), 0] + extra
    }
    for flag in [UInt8(0b1000), 0b1_0000] where flags & flag != 0 {
      bytes += source.take(source.below(8)).filter { $0 != 0 } + [0]
    }
    if flags & 0b10 != 0 { bytes += word(crc(bytes)).prefix(2) }
    return (bytes + blocks(content, &source) + word(crc(content)) + word(size(content)), content)
  }

  /// Returns the content in stored blocks, of which the last one is marked.
  private static func blocks(_ content: [UInt8], _ source: inout ByteSource) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = content[...]
    repeat {
      let part = rest.prefix(1 + source.below(64))
      rest = rest.dropFirst(part.count)
      let length = UInt8(part.count)
      bytes += [rest.isEmpty ? 1 : 0, length, 0, ~length, 0xFF] + part
    } while !rest.isEmpty
    return bytes
  }

  private static func size(_ content: [UInt8]) -> UInt32 { UInt32(content.count) }

  private static func word(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// The CRC-32 of gzip (RFC 1952), bit by bit.
  private static func crc(_ bytes: [UInt8]) -> UInt32 {
    var crc = ~UInt32(0)
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
  }
}
