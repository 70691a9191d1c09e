package import Bytes

extension Kernels {
  /// The `count` little-endian floats that lie at `offset` of `bytes`, at any alignment.
  package static func floats(from bytes: Bytes, at offset: Int, count: Int) -> [Float] {
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
  package static func floats(from bytes: [UInt8], at offset: Int, count: Int) -> [Float] {
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
  package func scaled(
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
  package static func append(_ floats: [Float], to bytes: inout [UInt8]) {
    floats.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }
}
