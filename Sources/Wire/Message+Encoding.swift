extension Message {
  /// Returns the message as frames: the header, then one frame for each tensor.
  ///
  /// The tensor frames are the arrays that the message stores; they are not copied.
  ///
  /// - Parameter number: The number of the message in its session (see ``NumberedMessage``).
  package func encoded(number: UInt32 = 0) -> [[UInt8]] {
    [encodedHeader(number: number)] + tensors.map(\.bytes)
  }

  /// Returns the first frame, which contains everything but the tensors.
  package func encodedHeader(number: UInt32 = 0) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(MessageHeader.magic)
    writer.write(UInt32(0))
    writer.write(Self.supportedVersions.upperBound)
    writer.write(kind.rawValue)
    writer.write(UInt8(0))
    writer.write(UInt32(clamping: tensors.count))
    writer.write(number)
    writeBody(to: &writer)
    var bytes = writer.bytes
    Checksum.seal(&bytes)
    return bytes
  }

  /// The tensors, in the order of their frames.
  package var tensors: [EncodedTensor] {
    switch self {
    case .grant(let grant): grant.weights.map { [$0] } ?? []
    case .push(let push): push.result.contributions.map(\.values)
    default: []
    }
  }

  private func writeBody(to writer: inout ByteWriter) {
    switch self {
    case .hello(let body): body.write(to: &writer)
    case .welcome(let body): body.write(to: &writer)
    case .refusal(let body): body.write(to: &writer)
    case .ready: break
    case .grant(let body): body.write(to: &writer)
    case .push(let body): body.result.write(to: &writer)
    case .heartbeat(let body): writer.write(body.progress)
    case .drain(let body): writer.write(explanation: body.reason)
    case .farewell(let body): writer.write(explanation: body.reason)
    }
  }
}

extension NumberedMessage {
  /// Returns the message with its number as frames: the header, then one frame for each tensor.
  package func encoded() -> [[UInt8]] { message.encoded(number: number) }
}
