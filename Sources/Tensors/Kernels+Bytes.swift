extension Kernels {
  /// CRC-32C (Castagnoli; RFC 3720) of the bytes within `range`, of all of them without it.
  public static func crc32c(_ bytes: Bytes, _ range: Range<Int>? = nil) -> UInt32 {
    crc32c(bytes, range, from: 0, by: ChecksumVariant.best)
  }

  /// The same of an array.
  public static func crc32c(_ bytes: [UInt8], _ range: Range<Int>? = nil) -> UInt32 {
    crc32c(Bytes(bytes), range)
  }

  /// The same by one of the variants that the processor has, continuing from `crc`.
  static func crc32c(
    _ bytes: Bytes, _ range: Range<Int>? = nil, from crc: UInt32,
    by function: ChecksumVariant.Function
  ) -> UInt32 {
    let range = range ?? 0..<bytes.count
    precondition(
      range.lowerBound >= 0 && range.upperBound <= bytes.count,
      "\(range) is not in 0..<\(bytes.count)")
    return bytes.withMemory { bytes in
      guard let start = bytes.assumingMemoryBound(to: UInt8.self).baseAddress else { return crc }
      return function(crc, start + range.lowerBound, range.count)
    }
  }

  /// The `count` little-endian floats that lie at `offset` of `bytes`, at any alignment.
  public static func floats(from bytes: Bytes, at offset: Int, count: Int) -> [Float] {
    checkFloats(of: bytes, at: offset, count: count)
    return Array(unsafeUninitializedCapacity: count) { floats, initialized in
      bytes.withMemory { bytes in
        let part = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count * 4])
        UnsafeMutableRawBufferPointer(floats).copyMemory(from: part)
      }
      initialized = count
    }
  }

  /// The same of an array.
  public static func floats(from bytes: [UInt8], at offset: Int, count: Int) -> [Float] {
    floats(from: Bytes(bytes), at: offset, count: count)
  }

  static func checkFloats(of bytes: Bytes, at offset: Int, count: Int) {
    precondition(
      offset >= 0 && offset <= bytes.count && count >= 0 && count <= (bytes.count - offset) / 4,
      "no \(count) floats at \(offset) of \(bytes.count) bytes")
  }

  /// Rows of bytes as floats: [offsets.count, count], row r from the `count` bytes that lie at
  /// `offsets[r]` of `bytes`, each times `factor`.
  ///
  /// With `order`, which holds `count` places in 0 ..< count, element i of a row is its byte number
  /// `order[i]`.
  public func scaled(
    _ bytes: [UInt8], at offsets: [Int], count: Int, order: [Int]? = nil, by factor: Float
  ) -> [Float] {
    precondition(
      count >= 0 && offsets.allSatisfy { $0 >= 0 && $0 <= bytes.count - count },
      "no \(count) bytes at one of the offsets")
    precondition(
      order.map { $0.count == count && $0.allSatisfy((0..<count).contains) } ?? true,
      "no order of \(count) bytes")
    let total = offsets.count * count
    return Array(unsafeUninitializedCapacity: total) { floats, initialized in
      initialized = total
      guard let start = floats.baseAddress, total > 0 else { return }
      table.scaleBytes(bytes, offsets, offsets.count, order, count, factor, start)
    }
  }

  /// Appends `floats` to `bytes`, little-endian, four bytes each.
  public static func append(_ floats: [Float], to bytes: inout [UInt8]) {
    floats.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }
}
