/// A violation of the wire format in received bytes, with the place and the values.
///
/// A place is the path of a field, such as `hello.name` or `tensor.shape`.
package enum WireError: Error, Sendable, Hashable {
  /// A message has more frames than the limit allows.
  case tooManyFrames(limit: Int, found: Int)
  /// The number of frames of a message differs from the one stated in its header.
  case frameCount(expected: Int, found: Int)
  /// A frame has more bytes than the limit allows.
  case frameTooLarge(limit: Int, found: Int)
  /// A field extends beyond the end of its frame.
  case truncated(place: String, needed: Int, left: Int)
  /// Bytes are left after the last field of a frame.
  case trailingBytes(place: String, count: Int)
  /// A frame does not start with the magic number of its format.
  case badMagic(place: String, found: UInt32)
  /// A frame is encoded in an unsupported version of the format.
  case unsupportedVersion(place: String, found: UInt16)
  /// The CRC32C of a frame differs from the stated one.
  case checksumMismatch(place: String, stated: UInt32, computed: UInt32)
  /// The type code of a message is unknown.
  case unknownMessageType(found: UInt8)
  /// The code of an enumeration is unknown.
  case unknownValue(place: String, found: UInt8)
  /// Reserved bytes are not zero.
  case reservedNotZero(place: String)
  /// A text is longer than the limit allows.
  case textTooLong(place: String, limit: Int, found: Int)
  /// A text is not valid UTF-8.
  case invalidUTF8(place: String)
  /// A list has more elements than the limit allows.
  case listTooLong(place: String, limit: Int, found: Int)
  /// The upper bound of a range is not greater than its lower bound.
  case emptyRange(place: String, lower: UInt64, upper: UInt64)
  /// The lowest protocol version that a peer supports is greater than its highest.
  case protocolRange(minimum: UInt16, maximum: UInt16)
  /// A tensor has more dimensions than the limit allows.
  case tensorRank(limit: Int, found: Int)
  /// A dimension of a tensor is outside of the range from 1 to 2³² - 1.
  case tensorDimension(index: Int, found: Int)
  /// A tensor has more elements than the limit allows, or the number overflows.
  case tensorTooLarge(limit: Int)
  /// The stated number of elements of a tensor is not the product of its dimensions.
  case tensorElementCount(stated: UInt64, computed: UInt64)
  /// The length of a tensor's payload, in bytes, does not match its shape.
  case tensorPayload(expected: Int, found: Int)
  /// The number of elements in a piece is 0 or exceeds the limit.
  case pieceElements(limit: Int, found: Int)
  /// The elements of a tensor do not have the requested type.
  case dataType(expected: DataType, found: DataType)
}
