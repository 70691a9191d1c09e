extension Kernels {
  /// CRC-32C (Castagnoli; RFC 3720) of the bytes within `range`, of all of them without it.
  public static func crc32c(_ bytes: [UInt8], _ range: Range<Int>? = nil) -> UInt32 {
    crc32c(bytes, range, portable: false)
  }

  /// The same by table rather than by the processor's instruction.
  static func crc32cByTable(_ bytes: [UInt8]) -> UInt32 { crc32c(bytes, nil, portable: true) }

  private static func crc32c(_ bytes: [UInt8], _ range: Range<Int>?, portable: Bool) -> UInt32 {
    let range = range ?? 0..<bytes.count
    precondition(
      range.lowerBound >= 0 && range.upperBound <= bytes.count,
      "\(range) is not in 0..<\(bytes.count)")
    return bytes.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { return 0 }
      return Tensors.crc32c(0, start + range.lowerBound, range.count, portable: portable)
    }
  }

  /// The `count` little-endian floats that lie at `offset` of `bytes`, at any alignment.
  public static func floats(from bytes: [UInt8], at offset: Int, count: Int) -> [Float] {
    precondition(
      offset >= 0 && offset <= bytes.count && count >= 0 && count <= (bytes.count - offset) / 4,
      "no \(count) floats at \(offset) of \(bytes.count) bytes")
    return Array(unsafeUninitializedCapacity: count) { floats, initialized in
      bytes.withUnsafeBytes { bytes in
        let part = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count * 4])
        UnsafeMutableRawBufferPointer(floats).copyMemory(from: part)
      }
      initialized = count
    }
  }

  /// Appends `floats` to `bytes`, little-endian, four bytes each.
  public static func append(_ floats: [Float], to bytes: inout [UInt8]) {
    floats.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }
}
