import Wire

extension FuzzTarget {
  /// A tensor frame: a valid one has the stated number of elements, and the same bytes when it is
  /// encoded again.
  static let tensor = FuzzTarget(
    "tensor", "tensor frames", examples: [[1] + sampleTensor, [3] + sampleTensor]
  ) { bytes throws(Finding) in
    var source = ByteSource(bytes)
    let flags = source.byte()
    var frame = source.rest()
    if flags & 1 == 1 { Frame.seal(&frame) }
    let limits =
      flags & 2 == 0 ? WireLimits() : WireLimits(maximumFrameBytes: 100, maximumTensorElements: 7)
    guard let tensor = try? EncodedTensor(validating: frame, limits: limits) else { return }
    try check(tensor, frame, limits)
  }

  private static let sampleTensor = EncodedTensor(float32: [1, -2, 0.5, 4], shape: [2, 2]).bytes

  private static func check(
    _ tensor: EncodedTensor, _ frame: [UInt8], _ limits: WireLimits
  ) throws(Finding) {
    try require(
      tensor.shape.reduce(1, *) == tensor.count, "\(tensor.count) elements of \(tensor.shape)")
    try require(
      frame.count <= limits.maximumFrameBytes && tensor.count <= limits.maximumTensorElements
        && tensor.shape.count <= limits.maximumTensorRank, "a tensor exceeds a limit")
    let payload = Array(frame[tensor.payloadOffset...])
    try require(payload.count == tensor.payloadByteCount, "the payload has another size")
    let again = EncodedTensor(dtype: tensor.dtype, shape: tensor.shape, payload: payload)
    try require(again.bytes == frame, "a tensor has other bytes when it is encoded again")
    guard tensor.dtype == .float32 else { return }
    let floats = (try? tensor.floats()) ?? []
    try require(
      EncodedTensor(float32: floats, shape: tensor.shape).bytes == frame,
      "the floats of a tensor have other bytes")
  }
}
