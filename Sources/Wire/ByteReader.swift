/// Sequential reader of little-endian fields in a frame.
///
/// Any input either decodes or throws a ``WireError``; none traps. Each method takes the path of
/// the field, such as `hello.name`, for the error.
package struct ByteReader: Sendable {
  private let bytes: [UInt8]
  private var position = 0

  /// Creates a reader at the start of a frame. The array is shared, not copied.
  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The number of bytes not yet read.
  package var left: Int { bytes.count - position }

  /// Reads an 8-bit unsigned integer.
  package mutating func uint8(_ place: String) throws(WireError) -> UInt8 {
    try integer(place)
  }

  /// Reads a 16-bit unsigned integer.
  package mutating func uint16(_ place: String) throws(WireError) -> UInt16 {
    try integer(place)
  }

  /// Reads a 32-bit unsigned integer.
  package mutating func uint32(_ place: String) throws(WireError) -> UInt32 {
    try integer(place)
  }

  /// Reads a 64-bit unsigned integer.
  package mutating func uint64(_ place: String) throws(WireError) -> UInt64 {
    try integer(place)
  }

  /// Reads an IEEE 754 binary64 number; every bit pattern is valid.
  package mutating func double(_ place: String) throws(WireError) -> Double {
    Double(bitPattern: try integer(place))
  }

  /// Reads a Boolean: one byte that is 0 or 1.
  package mutating func bool(_ place: String) throws(WireError) -> Bool {
    switch try uint8(place) {
    case 0: false
    case 1: true
    case let found: throw .unknownValue(place: place, found: found)
    }
  }

  /// Reads an enumeration case from its one-byte code.
  package mutating func value<Value: RawRepresentable<UInt8>>(
    _ place: String
  ) throws(WireError) -> Value {
    let found = try uint8(place)
    guard let value = Value(rawValue: found) else {
      throw .unknownValue(place: place, found: found)
    }
    return value
  }

  /// Reads the lower and upper bound of a nonempty range.
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

  /// Reads a string: its length in bytes, then valid UTF-8.
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

  /// Reads the element count of a list and checks it against the limit and the bytes left, so that
  /// it is safe to reserve memory for that many elements.
  ///
  /// - Parameter elementBytes: The minimum encoded size of an element, at least 1.
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

  /// Throws if any bytes of the frame are left.
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
