/// Writer that appends little-endian fields to a frame.
package struct ByteWriter: Sendable {
  /// The bytes written so far.
  package private(set) var bytes: [UInt8] = []

  /// Creates an empty writer.
  ///
  /// - Parameter capacity: The number of bytes to reserve memory for.
  package init(capacity: Int = 256) {
    bytes.reserveCapacity(capacity)
  }

  /// Appends an integer, least significant byte first.
  package mutating func write<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value) {
    for shift in stride(from: 0, to: Value.bitWidth, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> Value(shift)))
    }
  }

  /// Appends the bit pattern of an IEEE 754 binary64 number.
  package mutating func write(_ value: Double) {
    write(value.bitPattern)
  }

  /// Appends one byte, 1 for true and 0 for false.
  package mutating func write(_ value: Bool) {
    write(UInt8(value ? 1 : 0))
  }

  /// Appends the lower bound, then the (exclusive) upper bound.
  package mutating func write<Bound: FixedWidthInteger & UnsignedInteger>(_ range: Range<Bound>) {
    write(range.lowerBound)
    write(range.upperBound)
  }

  /// Appends a string: its length in bytes as 32 bits, then its UTF-8.
  package mutating func write(_ text: String) {
    write(UInt32(clamping: text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  /// Appends a human-readable text, truncated to at most ``WireLimits/explanationBytes``.
  ///
  /// Such a text may quote one received from a peer; truncation keeps it within the receiver's
  /// limits.
  package mutating func write(explanation text: String) {
    guard text.utf8.count > WireLimits.explanationBytes else { return write(text) }
    var length = 0
    let kept = text.prefix { character in
      length += character.utf8.count
      return length <= WireLimits.explanationBytes
    }
    write(String(kept))
  }

  /// Appends a list: its element count as 32 bits, then each element.
  package mutating func write<Element>(
    _ list: [Element], each: (inout ByteWriter, Element) -> Void
  ) {
    write(UInt32(clamping: list.count))
    for element in list { each(&self, element) }
  }
}
