extension [UInt8] {
  /// Creates the bytes of hexadecimal digits; other characters are ignored.
  package init(hex: String) {
    let digits = hex.compactMap(\.hexDigitValue)
    self = stride(from: 0, to: digits.count - 1, by: 2).map {
      UInt8(digits[$0] * 16 + digits[$0 + 1])
    }
  }

  /// Creates the bytes of an integer, the lowest first.
  package init(littleEndian value: some FixedWidthInteger) {
    self = (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }

  /// Creates the bytes of an IDX file: magic, dimensions, elements.
  package init(idx magic: UInt32, _ dimensions: [UInt32], _ elements: [UInt8]) {
    let header = [magic] + dimensions
    self = header.flatMap { Array(littleEndian: $0).reversed() } + elements
  }
}

extension Sequence<UInt8> {
  /// The unsigned integer of at most eight bytes, the lowest first.
  package var littleEndian: UInt64 { reversed().reduce(0) { $0 << 8 | UInt64($1) } }
}
