import Bytes

extension Message {
  /// Returns the message as frames: the header, then that of a piece's tensor,
  /// which is not copied.
  ///
  /// - Parameters:
  ///   - number: The number of the message in its session (see ``NumberedMessage``).
  ///   - acknowledged: The number of the last message received in the session.
  package func encoded(number: UInt32 = 0, acknowledged: UInt32 = 0) -> [[UInt8]] {
    let header = encodedHeader(number: number, acknowledged: acknowledged)
    return tensor.map { [header, $0.bytes] } ?? [header]
  }

  /// Returns the first frame, which contains everything but the tensor.
  package func encodedHeader(number: UInt32 = 0, acknowledged: UInt32 = 0) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(MessageHeader.magic)
    writer.write(UInt32(0))
    writer.write(Self.supportedVersions.upperBound)
    writer.write(kind.rawValue)
    writer.write(UInt8(0))
    writer.write(UInt32(tensor == nil ? 0 : 1))
    writer.write(number)
    if !kind.isVersionless { writer.write(acknowledged) }
    writeBody(to: &writer)
    var bytes = writer.bytes
    Checksum.seal(&bytes)
    return bytes
  }

  /// The values of a piece, which are a frame of their own.
  package var tensor: EncodedTensor? {
    switch self {
    case .piece(let piece): piece.values
    case .grant(let grant): grant.firstPiece
    case .push(let push): push.firstPiece
    default: nil
    }
  }

  private func writeBody(to writer: inout ByteWriter) {
    switch self {
    case .hello(let body): body.write(to: &writer)
    case .welcome(let body): body.write(to: &writer)
    case .refusal(let body): body.write(to: &writer)
    case .ready, .acknowledgement, .inquiry: break
    case .grant(let body): body.write(to: &writer)
    case .push(let body): body.write(to: &writer)
    case .heartbeat(let body): writer.write(body.progress)
    case .drain(let body): writer.write(explanation: body.reason)
    case .farewell(let body): writer.write(explanation: body.reason)
    case .piece(let body): body.write(to: &writer)
    case .status(let body): body.write(to: &writer)
    }
  }
}

extension NumberedMessage {
  /// Returns the message with its numbers as frames: the header, then that of a piece's tensor.
  package func encoded() -> [[UInt8]] {
    message.encoded(number: number, acknowledged: acknowledged)
  }

  /// The number of bytes of all frames.
  package var encodedByteCount: Int {
    let header = message.encodedHeader(number: number, acknowledged: acknowledged)
    return header.count + (message.tensor?.content.count ?? 0)
  }
}
