import Bytes

extension WireError: CustomStringConvertible {
  /// The violated rule in one line, with the place and the values.
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
      "message has \(found) frames; at most \(limit) are allowed"
    case .frameCount(let expected, let found):
      "message has \(found) frames instead of \(expected)"
    case .frameTooLarge(let limit, let found):
      "frame has \(found) bytes; at most \(limit) are allowed"
    case .badMagic(let place, let found):
      "\(place): 0x\(found.hexadecimal) is not this format's magic number; is the peer tributary?"
    case .unsupportedVersion(let place, let found):
      "\(place): version \(found) is not supported; use the same release on both sides"
    case .checksumMismatch(let place, let stated, let computed):
      "\(place): CRC32C is 0x\(computed.hexadecimal) instead of the stated 0x\(stated.hexadecimal)"
    default: ""
    }
  }

  private var tensorDescription: String {
    switch self {
    case .tensorRank(let limit, let found):
      "tensor.shape: \(found) dimensions; at most \(limit) are allowed"
    case .tensorDimension(let index, let found):
      "tensor.shape: dimension \(index) is \(found); it must be at least 1"
    case .tensorTooLarge(let limit):
      "tensor.shape: more than \(limit) elements, which is the limit"
    case .tensorElementCount(let stated, let computed):
      "tensor.elements: \(stated) stated, but the shape has \(computed)"
    case .tensorPayload(let expected, let found):
      "tensor.payload: \(found) bytes, but the shape requires \(expected)"
    case .dataType(let expected, let found):
      "tensor.dtype: \(found); \(expected) is required"
    default: ""
    }
  }

  private var fieldDescription: String {
    switch self {
    case .truncated(let place, let needed, let left):
      "\(place): \(needed) bytes are needed, but only \(left) are left"
    case .trailingBytes(let place, let count):
      "\(place): \(count) extra bytes at the end"
    case .unknownMessageType(let found):
      "message.type: \(found) is not a message type"
    case .unknownValue(let place, let found):
      "\(place): \(found) is not one of the allowed values"
    case .reservedNotZero(let place):
      "\(place): reserved bytes are not zero"
    case .textTooLong(let place, let limit, let found):
      "\(place): text has \(found) bytes; at most \(limit) are allowed"
    case .invalidUTF8(let place):
      "\(place): text is not valid UTF-8"
    case .listTooLong(let place, let limit, let found):
      "\(place): list has \(found) elements; at most \(limit) are allowed"
    case .emptyRange(let place, let lower, let upper):
      "\(place): the range from \(lower) to \(upper) is empty"
    case .pieceElements(let limit, let found):
      "welcome.pieceElements: \(found); it must be from 1 to \(limit)"
    case .protocolRange(let minimum, let maximum):
      "hello: the range of protocol versions from \(minimum) to \(maximum) is empty"
    default: ""
    }
  }
}
