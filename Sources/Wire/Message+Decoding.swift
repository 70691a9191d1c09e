package import Bytes
import Numerics

extension Message {
  /// Creates a message from received frames.
  ///
  /// The memory of a tensor frame becomes part of the message without being copied.
  ///
  /// - Parameters:
  ///   - frames: All frames except the peer's address.
  ///   - limits: The limits that the message must not exceed.
  /// - Throws: The first rule of the format that the message violates.
  package init(frames: [Bytes], limits: WireLimits = WireLimits()) throws(WireError) {
    self = try NumberedMessage(frames: frames, limits: limits).message
  }

  /// Creates a message from received frames in arrays.
  package init(frames: [[UInt8]], limits: WireLimits = WireLimits()) throws(WireError) {
    try self.init(frames: frames.map { Bytes($0) }, limits: limits)
  }
}

extension NumberedMessage {
  /// Creates a message with its session number from received frames.
  ///
  /// - Parameters:
  ///   - frames: All frames except the peer's address.
  ///   - limits: The limits that the message must not exceed.
  /// - Throws: The first rule of the format that the message violates.
  package init(frames: [Bytes], limits: WireLimits = WireLimits()) throws(WireError) {
    try Message.checkSizes(frames, limits: limits)
    guard let first = frames.first?.array else { throw .frameCount(expected: 1, found: 0) }
    var reader = ByteReader(first)
    let header = try MessageHeader(first, reader: &reader)
    guard frames.count - 1 == header.tensorCount else {
      throw .frameCount(expected: header.tensorCount + 1, found: frames.count)
    }
    var body = BodyReader(reader: reader, tensors: frames.dropFirst(), limits: limits)
    self.init(
      try Message.read(header.kind, from: &body), number: header.number,
      acknowledged: header.acknowledged)
    try body.finish()
  }

  /// Creates a message with its session number from received frames in arrays.
  package init(frames: [[UInt8]], limits: WireLimits = WireLimits()) throws(WireError) {
    try self.init(frames: frames.map { Bytes($0) }, limits: limits)
  }
}

extension Message {
  fileprivate static func checkSizes(_ frames: [Bytes], limits: WireLimits) throws(WireError) {
    guard frames.count <= limits.maximumFrames else {
      throw .tooManyFrames(limit: limits.maximumFrames, found: frames.count)
    }
    for frame in frames where frame.count > limits.maximumFrameBytes {
      throw .frameTooLarge(limit: limits.maximumFrameBytes, found: frame.count)
    }
  }

  fileprivate static func read(
    _ kind: MessageKind, from body: inout BodyReader
  ) throws(WireError) -> Message {
    switch kind {
    case .hello: .hello(try Hello(from: &body))
    case .welcome: .welcome(try Welcome(from: &body))
    case .refusal: .refusal(try Refusal(from: &body))
    case .ready: .ready
    case .grant: .grant(try Grant(from: &body))
    case .push: .push(try Push(from: &body))
    case .heartbeat:
      .heartbeat(Heartbeat(progress: try body.reader.uint64("heartbeat.progress")))
    case .drain: .drain(Drain(reason: try body.text("drain.reason")))
    case .farewell: .farewell(Farewell(reason: try body.text("farewell.reason")))
    case .piece: .piece(try Piece(from: &body))
    case .acknowledgement: .acknowledgement
    case .inquiry: .inquiry
    case .status: .status(try RunStatus(from: &body))
    }
  }
}

/// The undecoded rest of a message: fields of the first frame, and tensor frames in order.
struct BodyReader {
  var reader: ByteReader
  private var tensors: ArraySlice<Bytes>
  private let announced: Int
  let limits: WireLimits

  init(reader: ByteReader, tensors: ArraySlice<Bytes>, limits: WireLimits) {
    self.reader = reader
    self.tensors = tensors
    self.limits = limits
    announced = tensors.count
  }

  mutating func text(_ place: String) throws(WireError) -> String {
    try reader.text(place, limits: limits)
  }

  /// Reads a text of a hello, which is short because anyone can send it.
  mutating func shortText(_ place: String) throws(WireError) -> String {
    var limits = limits
    limits.maximumTextBytes = min(limits.maximumTextBytes, WireLimits.helloTextBytes)
    return try reader.text(place, limits: limits)
  }

  /// Reads a list whose elements take at least `elementBytes` bytes each.
  mutating func list<Element>(
    _ place: String, elementBytes: Int,
    each: (inout BodyReader) throws(WireError) -> Element
  ) throws(WireError) -> [Element] {
    let count = try reader.count(place, limits: limits, elementBytes: elementBytes)
    var list: [Element] = []
    list.reserveCapacity(count)
    for _ in 0..<count { list.append(try each(&self)) }
    return list
  }

  /// Validates and removes the tensor frame, if there is one that was not removed.
  mutating func optionalTensor() throws(WireError) -> EncodedTensor? {
    tensors.isEmpty ? nil : try tensor()
  }

  /// Validates and removes the next tensor frame.
  mutating func tensor() throws(WireError) -> EncodedTensor {
    guard let frame = tensors.popFirst() else {
      throw .frameCount(expected: announced + 2, found: announced + 1)
    }
    return try EncodedTensor(validating: frame, limits: limits)
  }

  /// Throws if fields of the first frame or tensor frames are left.
  func finish() throws(WireError) {
    try reader.finish("message")
    guard tensors.isEmpty else {
      throw .frameCount(expected: announced + 1 - tensors.count, found: announced + 1)
    }
  }
}
