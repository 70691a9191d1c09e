import Bytes
internal import Numerics

/// Message type; the raw value is its code in the header.
enum MessageKind: UInt8, CaseIterable {
  case hello = 1
  case welcome = 2
  case refusal = 3
  case ready = 4
  case grant = 5
  case push = 6
  case heartbeat = 7
  case drain = 8
  case farewell = 9
  case piece = 10
  case acknowledgement = 11
  case inquiry = 12
  case status = 13

  /// Whether the layout is the same in every version of the protocol, so that peers with different
  /// versions can report the mismatch.
  var isVersionless: Bool { self == .hello || self == .refusal }
}

extension Message {
  var kind: MessageKind {
    switch self {
    case .hello: .hello
    case .welcome: .welcome
    case .refusal: .refusal
    case .ready: .ready
    case .grant: .grant
    case .push: .push
    case .heartbeat: .heartbeat
    case .drain: .drain
    case .farewell: .farewell
    case .piece: .piece
    case .acknowledgement: .acknowledgement
    case .inquiry: .inquiry
    case .status: .status
    }
  }
}

/// The header at the start of a message's first frame.
struct MessageHeader {
  static let magic: UInt32 = 0x4249_5254  // "TRIB"

  let kind: MessageKind
  let tensorCount: Int
  let number: UInt32
  let acknowledged: UInt32

  /// Reads and validates the header, and verifies the checksum of the whole frame.
  init(_ frame: [UInt8], reader: inout ByteReader) throws(WireError) {
    let magic = try reader.uint32("message.magic")
    guard magic == Self.magic else { throw .badMagic(place: "message.magic", found: magic) }
    let stated = try reader.uint32("message.checksum")
    try Checksum.verify(Bytes(frame), stated: stated, place: "message")
    let version = try reader.uint16("message.version")
    let code = try reader.uint8("message.type")
    let kind = MessageKind(rawValue: code)
    guard Message.supportedVersions.contains(version) || kind?.isVersionless == true else {
      throw .unsupportedVersion(place: "message.version", found: version)
    }
    guard let kind else { throw .unknownMessageType(found: code) }
    self.kind = kind
    guard try reader.uint8("message.reserved") == 0 else {
      throw .reservedNotZero(place: "message.reserved")
    }
    tensorCount = Int(clamping: try reader.uint32("message.tensors"))
    number = try reader.uint32("message.number")
    acknowledged = kind.isVersionless ? 0 : try reader.uint32("message.acknowledged")
  }
}
