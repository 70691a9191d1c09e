extension FixedWidthInteger {
  /// The bits as lowercase hexadecimal digits, padded with zeros to the full width.
  package var hexadecimal: String {
    let digits = String(Magnitude(truncatingIfNeeded: self), radix: 16)
    return String(repeating: "0", count: Self.bitWidth / 4 - digits.count) + digits
  }
}

extension Sequence<UInt8> {
  /// The bytes as lowercase hexadecimal digits, two per byte.
  package var hexadecimal: String { map(\.hexadecimal).joined() }
}
