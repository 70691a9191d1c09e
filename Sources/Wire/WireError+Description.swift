import Bytes

extension WireError: CustomStringConvertible {
  /// The violated rule in one line, with the place and the numbers.
  package var description: String {
    switch self {
    case .tooManyFrames, .frameCount, .frameTooLarge, .badMagic, .unsupportedVersion,
      .checksumMismatch:
      frameDescription
    case .tensorRank, .tensorDimension, .tensorTooLarge, .tensorElementCount, .tensorPayload,
      .dataType:
      tensorDescription
    default:
      fieldDescription
    }
  }

  private var frameDescription: String {
    switch self {
    case .tooManyFrames(let limit, let found):
      "a message of \(found) frames, at most \(limit) are allowed"
    case .frameCount(let expected, let found):
      "a message of \(found) frames that should have \(expected)"
    case .frameTooLarge(let limit, let found):
      "a frame of \(found) bytes, at most \(limit) are allowed"
    case .badMagic(let place, let found):
      "\(place): 0x\(found.hexadecimal) does not name this format; is the peer a tributary?"
    case .unsupportedVersion(let place, let found):
      "\(place): version \(found) is not spoken here; use the same release on both sides"
    case .checksumMismatch(let place, let stated, let computed):
      "\(place): CRC32C is 0x\(computed.hexadecimal), stated 0x\(stated.hexadecimal)"
    default: ""
    }
  }

  private var tensorDescription: String {
    switch self {
    case .tensorRank(let limit, let found):
      "tensor.shape: \(found) dimensions, at most \(limit) are allowed"
    case .tensorDimension(let index, let found):
      "tensor.shape: dimension \(index) is \(found), but must be at least 1"
    case .tensorTooLarge(let limit):
      "tensor.shape: more than the \(limit) elements that are allowed"
    case .tensorElementCount(let stated, let computed):
      "tensor.elements: \(stated) stated, \(computed) by the shape"
    case .tensorPayload(let expected, let found):
      "tensor.payload: \(found) bytes, \(expected) by the shape"
    case .dataType(let expected, let found):
      "tensor.dtype: \(found), but \(expected) is needed"
    default: ""
    }
  }

  private var fieldDescription: String {
    switch self {
    case .truncated(let place, let needed, let left):
      "\(place): \(needed) bytes are needed, \(left) are left"
    case .trailingBytes(let place, let count):
      "\(place): \(count) bytes too many at the end"
    case .unknownMessageType(let found):
      "message.type: \(found) is no message"
    case .unknownValue(let place, let found):
      "\(place): \(found) is none of the allowed values"
    case .reservedNotZero(let place):
      "\(place): bytes that must be zero are not"
    case .textTooLong(let place, let limit, let found):
      "\(place): a text of \(found) bytes, at most \(limit) are allowed"
    case .invalidUTF8(let place):
      "\(place): the text is not valid UTF-8"
    case .listTooLong(let place, let limit, let found):
      "\(place): a list of \(found) elements, at most \(limit) are allowed"
    case .emptyRange(let place, let lower, let upper):
      "\(place): the range from \(lower) to \(upper) is empty"
    case .protocolRange(let minimum, let maximum):
      "hello: protocol versions from \(minimum) to \(maximum) are an empty range"
    default: ""
    }
  }
}
