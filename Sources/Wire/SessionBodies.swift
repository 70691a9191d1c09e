// Encoding of the messages that open a session.

extension Hello {
  func write(to writer: inout ByteWriter) {
    writer.write(minimumProtocol)
    writer.write(maximumProtocol)
    writer.write(name)
    writer.write(incarnation)
    writer.write(dataset)
    writer.write(recipe)
    writer.write(model)
  }

  init(from body: inout BodyReader) throws(WireError) {
    let minimum = try body.reader.uint16("hello.minimumProtocol")
    let maximum = try body.reader.uint16("hello.maximumProtocol")
    guard minimum <= maximum else { throw .protocolRange(minimum: minimum, maximum: maximum) }
    minimumProtocol = minimum
    maximumProtocol = maximum
    name = try body.shortText("hello.name")
    incarnation = try body.reader.uint64("hello.incarnation")
    dataset = try body.shortText("hello.dataset")
    recipe = try body.shortText("hello.recipe")
    model = try body.reader.uint64("hello.model")
  }
}

extension Welcome {
  func write(to writer: inout ByteWriter) {
    writer.write(protocolVersion)
    writer.write(incarnation)
    writer.write(settings) { writer, setting in
      writer.write(setting.key)
      writer.write(setting.value)
    }
    writer.write(dataset)
    writer.write(layout) { writer, spec in spec.write(to: &writer) }
    writer.write(heartbeatMilliseconds)
    writer.write(silenceMilliseconds)
    writer.write(patienceMilliseconds)
    transfers.write(to: &writer)
  }

  init(from body: inout BodyReader) throws(WireError) {
    protocolVersion = try body.reader.uint16("welcome.protocolVersion")
    incarnation = try body.reader.uint64("welcome.incarnation")
    settings = try body.list("welcome.settings", elementBytes: 8) { body throws(WireError) in
      Setting(
        key: try body.text("welcome.settings.key"), value: try body.text("welcome.settings.value"))
    }
    dataset = try body.text("welcome.dataset")
    layout = try body.list("welcome.layout", elementBytes: 9) { body throws(WireError) in
      try TensorSpec(from: &body)
    }
    heartbeatMilliseconds = try body.reader.uint32("welcome.heartbeatMilliseconds")
    silenceMilliseconds = try body.reader.uint32("welcome.silenceMilliseconds")
    patienceMilliseconds = try body.reader.uint32("welcome.patienceMilliseconds")
    transfers = try TransferLimits(from: &body)
  }
}

extension TensorSpec {
  func write(to writer: inout ByteWriter) {
    writer.write(name)
    writer.write(shape) { writer, dimension in writer.write(dimension) }
    writer.write(trainable)
  }

  init(from body: inout BodyReader) throws(WireError) {
    name = try body.text("welcome.layout.name")
    shape = try body.list("welcome.layout.shape", elementBytes: 4) { body throws(WireError) in
      try body.reader.uint32("welcome.layout.shape")
    }
    try Self.check(shape, limits: body.limits)
    trainable = try body.reader.bool("welcome.layout.trainable")
  }
}

extension TensorSpec {
  /// Throws if a tensor of this shape exceeds the limits.
  private static func check(_ shape: [UInt32], limits: WireLimits) throws(WireError) {
    let limit = min(limits.maximumTensorRank, EncodedTensor.maximumRank)
    guard shape.count <= limit else { throw .tensorRank(limit: limit, found: shape.count) }
    if let index = shape.firstIndex(of: 0) { throw .tensorDimension(index: index, found: 0) }
    _ = try TensorHeader.product(
      shape.map { Int(clamping: $0) }, limit: limits.maximumTensorElements)
  }
}

extension Refusal {
  func write(to writer: inout ByteWriter) {
    writer.write(reason.rawValue)
    writer.write(explanation: detail)
  }

  init(from body: inout BodyReader) throws(WireError) {
    reason = try body.reader.value("refusal.reason")
    detail = try body.text("refusal.detail")
  }
}
