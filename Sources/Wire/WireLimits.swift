/// Upper bounds on whatever a peer may send, all checked before anything is allocated for it.
package struct WireLimits: Sendable, Hashable {
  /// Frames in one message, the first one included.
  package var maximumFrames: Int
  /// Bytes in one frame.
  package var maximumFrameBytes: Int
  /// Bytes of UTF-8 in one text.
  package var maximumTextBytes: Int
  /// Elements in one list: leases, sums, contributions, settings, tensors of a layout.
  package var maximumListCount: Int
  /// Dimensions of a tensor, at most ``EncodedTensor/maximumRank``.
  package var maximumTensorRank: Int
  /// Elements in one tensor.
  package var maximumTensorElements: Int

  /// Limits, each with a default that leaves room for models of sixteen million parameters.
  package init(
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
  package static let explanationBytes = 1024

  /// Limits that fit the messages about one model, and nothing much larger.
  ///
  /// - Parameters:
  ///   - elements: Elements in the model's flat vector.
  ///   - slices: Slices of a batch.
  package static func model(elements: Int, slices: Int) -> WireLimits {
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
