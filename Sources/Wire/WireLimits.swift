/// Upper bounds on the contents of received messages, checked before memory is allocated.
package struct WireLimits: Sendable, Hashable {
  /// The maximum number of frames in a message, including the first.
  package var maximumFrames: Int
  /// The maximum size of a frame in bytes.
  package var maximumFrameBytes: Int
  /// The maximum length of a text in bytes of UTF-8.
  package var maximumTextBytes: Int
  /// The maximum number of elements of a list: leases, sums, contributions, settings, or tensors of
  /// a layout.
  package var maximumListCount: Int
  /// The maximum number of dimensions of a tensor, at most ``EncodedTensor/maximumRank``.
  package var maximumTensorRank: Int
  /// The maximum number of elements of a tensor.
  package var maximumTensorElements: Int

  /// Creates limits; the defaults suffice for models of 16 million parameters.
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

  /// The maximum length of a human-readable text to send, such as a reason, in bytes of UTF-8.
  package static let explanationBytes = 1024

  /// Returns limits that just fit the messages of a training of one model.
  ///
  /// - Parameters:
  ///   - elements: The number of elements of the model's flat vector.
  ///   - slices: The number of slices of a batch.
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
