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

  /// Creates limits; the defaults suffice for a model of any size, whose tensors travel in pieces,
  /// and for batches of any number of slices.
  package init(
    maximumFrames: Int = 2,
    maximumFrameBytes: Int = 2 << 20,
    maximumTextBytes: Int = 4096,
    maximumListCount: Int = 1 << 16,
    maximumTensorRank: Int = EncodedTensor.maximumRank,
    maximumTensorElements: Int = 1 << 32
  ) {
    self.maximumFrames = maximumFrames
    self.maximumFrameBytes = maximumFrameBytes
    self.maximumTextBytes = maximumTextBytes
    self.maximumListCount = maximumListCount
    self.maximumTensorRank = maximumTensorRank
    self.maximumTensorElements = maximumTensorElements
  }

  /// The maximum size of all frames of a message together.
  package var maximumMessageBytes: Int { maximumFrames * maximumFrameBytes }

  /// The maximum length of a human-readable text to send, such as a reason, in bytes of UTF-8.
  package static let explanationBytes = 1024

  /// The maximum length of a text of a hello, such as the worker's name, in bytes of UTF-8.
  package static let helloTextBytes = 128
}
