package import Bytes

extension Kernels {
  /// Returns `count` little-endian floats read from `bytes` at `offset`, at any alignment.
  package static func floats(from bytes: Bytes, at offset: Int, count: Int) -> [Float] {
    checkFloats(of: bytes, at: offset, count: count)
    return unsafe Array(unsafeUninitializedCapacity: count) { floats, initialized in
      unsafe bytes.withMemory { bytes in
        let part = unsafe UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count * 4])
        unsafe UnsafeMutableRawBufferPointer(floats).copyMemory(from: part)
      }
      initialized = count
    }
  }

  /// Returns `count` little-endian floats read from an array at `offset`, at any alignment.
  package static func floats(from bytes: [UInt8], at offset: Int, count: Int) -> [Float] {
    floats(from: Bytes(bytes), at: offset, count: count)
  }

  /// Returns `count` little-endian floats that are divided over several `parts`; in each of them
  /// they start at `offset`.
  package static func floats(from parts: [Bytes], at offset: Int, count: Int) -> [Float] {
    unsafe Array(unsafeUninitializedCapacity: count) { floats, initialized in
      let target = UnsafeMutableRawBufferPointer(floats)
      var filled = 0
      for part in parts {
        precondition(offset >= 0 && offset <= part.count, "a part has \(part.count) bytes")
        unsafe part.withMemory { bytes in
          let content = unsafe UnsafeRawBufferPointer(rebasing: bytes[offset...])
          precondition(content.count <= count * 4 - filled, "the parts exceed \(count) floats")
          unsafe UnsafeMutableRawBufferPointer(rebasing: target[filled...]).copyMemory(
            from: content)
          filled += content.count
        }
      }
      precondition(filled == count * 4, "the parts have \(filled) bytes, not \(count * 4)")
      initialized = count
    }
  }

  /// Appends `count` little-endian floats, read from `bytes` at `offset`, to `floats`.
  package static func append(
    littleEndian bytes: Bytes, at offset: Int, count: Int, to floats: inout [Float]
  ) {
    checkFloats(of: bytes, at: offset, count: count)
    unsafe bytes.withMemory { memory in
      let part = unsafe UnsafeRawBufferPointer(rebasing: memory[offset..<offset + count * 4])
      if Int(bitPattern: part.baseAddress).isMultiple(of: MemoryLayout<Float>.alignment) {
        unsafe floats.append(contentsOf: part.assumingMemoryBound(to: Float.self))
      } else {
        floats += Self.floats(from: bytes, at: offset, count: count)
      }
    }
  }

  static func checkFloats(of bytes: Bytes, at offset: Int, count: Int) {
    precondition(
      offset >= 0 && offset <= bytes.count && count >= 0 && count <= (bytes.count - offset) / 4,
      "\(count) floats at offset \(offset) exceed \(bytes.count) bytes")
  }

  /// Converts rows of bytes to floats [offsets.count, count]: row r is the `count` bytes at
  /// `offsets[r]`, each multiplied by `factor`.
  ///
  /// With `order`, which has `count` elements in 0 ..< count, element i of a row is taken from byte
  /// `order[i]` of the row.
  package func scaled(
    _ bytes: [UInt8], at offsets: [Int], count: Int, order: [Int]? = nil, by factor: Float
  ) -> [Float] {
    precondition(
      count >= 0 && offsets.allSatisfy { $0 >= 0 && $0 <= bytes.count - count },
      "a row of \(count) bytes exceeds the \(bytes.count) bytes at one of the offsets")
    precondition(
      order.map { $0.count == count && $0.allSatisfy((0..<count).contains) } ?? true,
      "the order must consist of \(count) elements in 0..<\(count)")
    let total = offsets.count * count
    return unsafe Array(unsafeUninitializedCapacity: total) { floats, initialized in
      initialized = total
      guard let start = floats.baseAddress, total > 0 else { return }
      unsafe table.scaleBytes(bytes, offsets, offsets.count, order, count, factor, start)
    }
  }

  /// Appends `floats` to `bytes` in little-endian order, four bytes each.
  package static func append(_ floats: [Float], to bytes: inout [UInt8]) {
    unsafe floats.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
  }

  /// Appends a part of an array of floats to `bytes` in little-endian order, four bytes each.
  package static func append(_ floats: ArraySlice<Float>, to bytes: inout [UInt8]) {
    unsafe floats.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
  }
}
