import Wire

extension FuzzTarget {
  /// Frames of any content: a message that is decoded has an encoding that decodes to itself.
  static let message = FuzzTarget(
    "message", "frames of any content as messages", examples: messageExamples
  ) { bytes throws(Finding) in
    var source = ByteSource(bytes)
    let flags = source.byte()
    var frames = Frame.split(&source, atMost: 4)
    for index in frames.indices where flags & 1 == 1 { Frame.seal(&frames[index]) }
    try readMessage(frames, limits: flags & 2 == 0 ? WireLimits() : tightLimits)
  }

  /// A valid message of any type is decoded as it was encoded; then one field of it is changed, and
  /// the checksum with it.
  static let messageLie = FuzzTarget(
    "message-lie", "messages of every type with one wrong field"
  ) { bytes throws(Finding) in
    var source = ByteSource(bytes)
    let message = MessageMaker.numbered(&source)
    var frames = message.encoded()
    guard let decoded = try? NumberedMessage(frames: frames) else {
      throw Finding("a valid message is rejected")
    }
    try require(decoded.encoded() == frames, "a message has other bytes when it is encoded again")
    try require(
      frames.reduce(0) { $0 + $1.count } == message.encodedByteCount, "the size is another one")
    let index = source.below(frames.count)
    Frame.lie(&frames[index], &source)
    Frame.seal(&frames[index])
    if source.oneIn(16) { frames.append(frames[source.below(frames.count)]) }
    if source.oneIn(16) { frames.removeFirst() }
    try readMessage(frames, limits: WireLimits())
  }

  private static let tightLimits = WireLimits(
    maximumFrames: 2, maximumFrameBytes: 300, maximumTextBytes: 20, maximumListCount: 4,
    maximumTensorRank: 2, maximumTensorElements: 16)

  private static let messageExamples = (UInt8(0)..<11).map { kind in
    var source = ByteSource([kind] + Array(repeating: 1, count: 60))
    return [1] + Frame.joined(MessageMaker.numbered(&source).encoded())
  }

  /// Decodes frames that were received. A long explanation is cut when it is encoded, so that only
  /// the second encoding must equal the first.
  private static func readMessage(_ frames: [[UInt8]], limits: WireLimits) throws(Finding) {
    guard let message = try? NumberedMessage(frames: frames, limits: limits) else { return }
    try require(
      frames.count <= limits.maximumFrames
        && frames.allSatisfy { $0.count <= limits.maximumFrameBytes }, "a frame exceeds a limit")
    let first = message.encoded()
    guard let again = try? NumberedMessage(frames: first) else {
      throw Finding("the encoding of a decoded message is rejected")
    }
    // Encodings are compared, since a loss that is NaN is not equal to itself.
    try require(again.encoded() == first, "a decoded message changes when it is encoded")
    try require(
      first.reduce(0) { $0 + $1.count } <= frames.reduce(0) { $0 + $1.count },
      "a decoded message is longer than the received one")
  }
}
