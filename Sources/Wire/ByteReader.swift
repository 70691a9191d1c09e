/// Takes fields off a frame, little-endian.
///
/// Whatever the bytes are, it reads or throws, and never traps.
/// Each call names the place of the field, for the error.
package struct ByteReader: Sendable {
  private let bytes: [UInt8]
  private var position = 0

  /// A reader at the start of a frame, which is shared, not copied.
  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// How many bytes have not been read.
  package var left: Int { bytes.count - position }

  /// Reads one byte.
  package mutating func uint8(_ place: String) throws(WireError) -> UInt8 {
    try integer(place)
  }

  /// Reads 16 bits.
  package mutating func uint16(_ place: String) throws(WireError) -> UInt16 {
    try integer(place)
  }

  /// Reads 32 bits.
  package mutating func uint32(_ place: String) throws(WireError) -> UInt32 {
    try integer(place)
  }

  /// Reads 64 bits.
  package mutating func uint64(_ place: String) throws(WireError) -> UInt64 {
    try integer(place)
  }

  /// Reads a number of IEEE 754 binary64; any bits are one.
  package mutating func double(_ place: String) throws(WireError) -> Double {
    Double(bitPattern: try integer(place))
  }

  /// Reads one byte that is 0 or 1.
  package mutating func bool(_ place: String) throws(WireError) -> Bool {
    switch try uint8(place) {
    case 0: false
    case 1: true
    case let found: throw .unknownValue(place: place, found: found)
    }
  }

  /// Reads one byte that is the code of a case.
  package mutating func value<Value: RawRepresentable<UInt8>>(
    _ place: String
  ) throws(WireError) -> Value {
    let found = try uint8(place)
    guard let value = Value(rawValue: found) else {
      throw .unknownValue(place: place, found: found)
    }
    return value
  }

  /// Reads the two bounds of a range that is not empty.
  package mutating func range<Bound: FixedWidthInteger & UnsignedInteger>(
    _ place: String
  ) throws(WireError) -> Range<Bound> {
    let lower: Bound = try integer(place)
    let upper: Bound = try integer(place)
    guard lower < upper else {
      throw .emptyRange(place: place, lower: UInt64(lower), upper: UInt64(upper))
    }
    return lower..<upper
  }

  /// Reads a text: its length in bytes, then valid UTF-8.
  package mutating func text(_ place: String, limits: WireLimits) throws(WireError) -> String {
    let count = try length(place)
    guard count <= limits.maximumTextBytes else {
      throw .textTooLong(place: place, limit: limits.maximumTextBytes, found: count)
    }
    let range = try take(count, place)
    guard let text = String(validating: bytes[range], as: UTF8.self) else {
      throw .invalidUTF8(place: place)
    }
    return text
  }

  /// Reads the number of a list's elements, which is checked against the limit and the bytes left,
  /// so that memory may be taken for that many.
  ///
  /// - Parameter elementBytes: The least number of bytes that an element takes, at least 1.
  package mutating func count(
    _ place: String, limits: WireLimits, elementBytes: Int
  ) throws(WireError) -> Int {
    let count = try length(place)
    guard count <= limits.maximumListCount else {
      throw .listTooLong(place: place, limit: limits.maximumListCount, found: count)
    }
    guard count <= left / max(1, elementBytes) else {
      let (needed, overflow) = count.multipliedReportingOverflow(by: elementBytes)
      throw .truncated(place: place, needed: overflow ? Int.max : needed, left: left)
    }
    return count
  }

  /// Checks that the frame ends here.
  package func finish(_ place: String) throws(WireError) {
    guard left == 0 else { throw .trailingBytes(place: place, count: left) }
  }

  private mutating func length(_ place: String) throws(WireError) -> Int {
    Int(clamping: try uint32(place))
  }

  private mutating func integer<Value: FixedWidthInteger & UnsignedInteger>(
    _ place: String
  ) throws(WireError) -> Value {
    let range = try take(Value.bitWidth / 8, place)
    var value: Value = 0
    for index in range.reversed() { value = value << 8 | Value(bytes[index]) }
    return value
  }

  private mutating func take(_ count: Int, _ place: String) throws(WireError) -> Range<Int> {
    guard count <= left else { throw .truncated(place: place, needed: count, left: left) }
    defer { position += count }
    return position..<position + count
  }
}
