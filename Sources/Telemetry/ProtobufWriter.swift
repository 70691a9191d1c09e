/// Writes one message in the encoding of protocol buffers (protobuf.dev, "Encoding"): every field
/// is a tag, `field << 3 | wire type` as a varint, and a value.
///
/// Only what TensorBoard's events need is here. A field that the format leaves out at its default
/// value is left out by the caller.
struct ProtobufWriter {
  private enum WireType: UInt64 {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case fixed32 = 5
  }

  /// The message so far.
  private(set) var bytes: [UInt8] = []

  /// An empty message.
  init() {}

  /// A `double`: eight bytes, little-endian.
  mutating func double(_ value: Double, field: UInt64) {
    tag(field, .fixed64)
    bytes.append(littleEndian: value.bitPattern)
  }

  /// A `float`: four bytes, little-endian.
  mutating func float(_ value: Float, field: UInt64) {
    tag(field, .fixed32)
    bytes.append(littleEndian: value.bitPattern)
  }

  /// An `enum`, or an integer that is not negative: a varint.
  mutating func integer(_ value: UInt64, field: UInt64) {
    tag(field, .varint)
    varint(value)
  }

  /// A `string`, or `bytes` that hold UTF-8.
  mutating func text(_ value: String, field: UInt64) {
    delimited(value.utf8, field: field)
  }

  /// A message within the message, made by `body`.
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

  /// Seven bits a byte, the lowest first; the high bit says that more follow.
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
  /// Appends the bytes of a number, the lowest first.
  mutating func append(littleEndian value: some FixedWidthInteger) {
    for shift in stride(from: 0, to: value.bitWidth, by: 8) {
      append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }
}
