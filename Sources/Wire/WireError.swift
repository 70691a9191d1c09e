/// A rule of the wire format that received bytes violate, with the place and the numbers.
///
/// A place is the path of a field, such as `hello.name` or `tensor.shape`.
package enum WireError: Error, Sendable, Hashable {
  /// A message has more frames than the limit allows.
  case tooManyFrames(limit: Int, found: Int)
  /// A message has other than the number of frames that its first one announces.
  case frameCount(expected: Int, found: Int)
  /// A frame has more bytes than the limit allows.
  case frameTooLarge(limit: Int, found: Int)
  /// A field reaches beyond the end of its frame.
  case truncated(place: String, needed: Int, left: Int)
  /// Bytes are left after the last field of a frame.
  case trailingBytes(place: String, count: Int)
  /// A frame does not start with the four bytes that name its format.
  case badMagic(place: String, found: UInt32)
  /// A frame is written in a version of the format that is not spoken here.
  case unsupportedVersion(place: String, found: UInt16)
  /// A frame's bytes do not agree with the CRC32C they carry.
  case checksumMismatch(place: String, stated: UInt32, computed: UInt32)
  /// A message's type is none of the closed set.
  case unknownMessageType(found: UInt8)
  /// A field that selects one of a few alternatives selects none of them.
  case unknownValue(place: String, found: UInt8)
  /// Bytes that must be zero are not.
  case reservedNotZero(place: String)
  /// A text is longer than the limit allows.
  case textTooLong(place: String, limit: Int, found: Int)
  /// A text is not valid UTF-8.
  case invalidUTF8(place: String)
  /// A list has more elements than the limit allows.
  case listTooLong(place: String, limit: Int, found: Int)
  /// A range's upper bound is not above its lower bound.
  case emptyRange(place: String, lower: UInt64, upper: UInt64)
  /// The lowest protocol version a peer offers is above its highest.
  case protocolRange(minimum: UInt16, maximum: UInt16)
  /// A tensor has more dimensions than the limit allows.
  case tensorRank(limit: Int, found: Int)
  /// A dimension of a tensor is outside of 1 to 2³² - 1.
  case tensorDimension(index: Int, found: Int)
  /// A tensor has more elements than the limit allows, or than can be counted.
  case tensorTooLarge(limit: Int)
  /// A tensor's stated number of elements is not the product of its dimensions.
  case tensorElementCount(stated: UInt64, computed: UInt64)
  /// A tensor's payload is not as long as its shape demands, in bytes.
  case tensorPayload(expected: Int, found: Int)
  /// A tensor's elements are of another type than the reader asked for.
  case dataType(expected: DataType, found: DataType)
}
