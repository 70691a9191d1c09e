/// Upper bounds on whatever a peer may send, all checked before anything is allocated for it.
public struct WireLimits: Sendable, Hashable {
  /// Frames in one message, the first one included.
  public var maximumFrames: Int
  /// Bytes in one frame.
  public var maximumFrameBytes: Int
  /// Bytes of UTF-8 in one text.
  public var maximumTextBytes: Int
  /// Elements in one list: leases, sums, contributions, settings, tensors of a layout.
  public var maximumListCount: Int
  /// Dimensions of a tensor, at most ``EncodedTensor/maximumRank``.
  public var maximumTensorRank: Int
  /// Elements in one tensor.
  public var maximumTensorElements: Int

  /// Limits, each with a default that leaves room for models of sixteen million parameters.
  public init(
    maximumFrames: Int = 65,
    maximumFrameBytes: Int = 128 << 20,
    maximumTextBytes: Int = 4096,
    maximumListCount: Int = 4096,
    maximumTensorRank: Int = EncodedTensor.maximumRank,
    maximumTensorElements: Int = 16 << 20
  ) {
    self.maximumFrames = maximumFrames
    self.maximumFrameBytes = maximumFrameBytes
    self.maximumTextBytes = maximumTextBytes
    self.maximumListCount = maximumListCount
    self.maximumTensorRank = maximumTensorRank
    self.maximumTensorElements = maximumTensorElements
  }

  /// The most bytes of UTF-8 that are sent of a text for people, such as a reason.
  public static let explanationBytes = 1024

  /// Limits that fit the messages about one model, and nothing much larger.
  ///
  /// - Parameters:
  ///   - elements: Elements in the model's flat vector.
  ///   - slices: Slices of a batch.
  public static func model(elements: Int, slices: Int) -> WireLimits {
    let payload = elements.multipliedReportingOverflow(by: DataType.float32.byteCount)
    let frame = payload.partialValue.addingReportingOverflow(EncodedTensor.payloadOffset)
    let tensor = payload.overflow || frame.overflow ? Int.max : frame.partialValue
    return WireLimits(
      maximumFrames: max(2, min(slices, 1 << 20) + 1),
      maximumFrameBytes: max(1 << 20, tensor),
      maximumListCount: max(4096, slices),
      maximumTensorElements: elements)
  }
}
