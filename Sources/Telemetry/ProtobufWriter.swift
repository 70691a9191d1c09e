/// Encoder of one protocol buffers message (protobuf.dev, "Encoding"): each field is a tag,
/// `field << 3 | wire type` as a varint, and a value.
///
/// It supports the types that TensorBoard events need. Callers omit fields that have their default
/// value, as the format requires.
struct ProtobufWriter {
  private enum WireType: UInt64 {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case fixed32 = 5
  }

  /// The encoded fields.
  private(set) var bytes: [UInt8] = []

  /// Creates an empty message.
  init() {}

  /// Appends a `double`: eight bytes, little-endian.
  mutating func double(_ value: Double, field: UInt64) {
    tag(field, .fixed64)
    bytes.append(littleEndian: value.bitPattern)
  }

  /// Appends a `float`: four bytes, little-endian.
  mutating func float(_ value: Float, field: UInt64) {
    tag(field, .fixed32)
    bytes.append(littleEndian: value.bitPattern)
  }

  /// Appends an `enum` or a non-negative integer: a varint.
  mutating func integer(_ value: UInt64, field: UInt64) {
    tag(field, .varint)
    varint(value)
  }

  /// Appends a `string`, or `bytes` in UTF-8.
  mutating func text(_ value: String, field: UInt64) {
    delimited(value.utf8, field: field)
  }

  /// Appends an embedded message, which `body` writes.
  mutating func message(field: UInt64, _ body: (inout ProtobufWriter) -> Void) {
    var inner = ProtobufWriter()
    body(&inner)
    delimited(inner.bytes, field: field)
  }

  private mutating func delimited(_ content: some Collection<UInt8>, field: UInt64) {
    tag(field, .lengthDelimited)
    varint(UInt64(content.count))
    bytes.append(contentsOf: content)
  }

  private mutating func tag(_ field: UInt64, _ type: WireType) {
    varint(field << 3 | type.rawValue)
  }

  /// Appends seven bits per byte, the lowest first; the high bit marks all but the last byte.
  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

extension [UInt8] {
  /// Appends the bytes of a number, least significant first.
  mutating func append(littleEndian value: some FixedWidthInteger) {
    for shift in stride(from: 0, to: value.bitWidth, by: 8) {
      append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }
}
