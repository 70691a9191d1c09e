package import Bytes
import Numerics

/// A tensor as one frame: a header of 64 bytes, then the elements, little-endian, row by row.
///
/// A value of this type is known to be well formed: it was encoded here, or its bytes were checked.
/// The bytes are shared, not copied, by all that hold the value. <doc:ByteLayout> describes them.
package struct EncodedTensor: Sendable, Hashable {
  /// The whole frame.
  package let content: Bytes
  /// The type of the elements.
  package let dtype: DataType
  /// The dimensions, none for a scalar; each at least 1.
  package let shape: [Int]

  /// The whole frame as an array: not a copy, if the tensor was encoded here.
  package var bytes: [UInt8] { content.array }

  /// The most dimensions that the header has room for.
  package static let maximumRank = 8

  /// The offset of the first element in ``content``: the length of the header.
  package static let payloadOffset = 64

  /// The offset of the first element in ``content``, a multiple of 64.
  package var payloadOffset: Int { Self.payloadOffset }

  /// The number of elements.
  package var count: Int { (content.count - payloadOffset) / dtype.byteCount }

  /// Encodes 32-bit floats.
  ///
  /// - Parameters:
  ///   - values: The elements, row by row.
  ///   - shape: The dimensions; each at least 1, their product the number of values.
  package init(float32 values: [Float], shape: [Int]) {
    self.init(dtype: .float32, shape: shape, count: values.count) { bytes in
      Kernels.append(values, to: &bytes)
    }
  }

  /// Puts a header before elements that are encoded already.
  ///
  /// - Parameters:
  ///   - dtype: The type of the elements.
  ///   - shape: The dimensions; each at least 1, their product the number of elements.
  ///   - payload: The elements, little-endian, row by row.
  package init(dtype: DataType, shape: [Int], payload: [UInt8]) {
    precondition(payload.count.isMultiple(of: dtype.byteCount), "a part of an element")
    self.init(dtype: dtype, shape: shape, count: payload.count / dtype.byteCount) { bytes in
      bytes.append(contentsOf: payload)
    }
  }

  /// Checks a frame that a peer sent, without copying it.
  ///
  /// - Parameters:
  ///   - bytes: The whole frame.
  ///   - limits: What the frame may not exceed.
  /// - Throws: The first rule that the frame violates.
  package init(validating bytes: Bytes, limits: WireLimits = WireLimits()) throws(WireError) {
    let header = try TensorHeader(validating: bytes, limits: limits)
    content = bytes
    dtype = header.dtype
    shape = header.shape
  }

  /// Checks a frame in an array.
  package init(validating bytes: [UInt8], limits: WireLimits = WireLimits()) throws(WireError) {
    try self.init(validating: Bytes(bytes), limits: limits)
  }

  /// The elements as 32-bit floats.
  ///
  /// - Throws: ``WireError/dataType(expected:found:)`` if they are of another type.
  package func floats() throws(WireError) -> [Float] {
    guard dtype == .float32 else { throw .dataType(expected: .float32, found: dtype) }
    return Kernels.floats(from: content, at: payloadOffset, count: count)
  }

  private init(
    dtype: DataType, shape: [Int], count: Int, appendPayload: (inout [UInt8]) -> Void
  ) {
    let header = TensorHeader(dtype: dtype, shape: shape)
    precondition(header.elementCount == count, "\(count) elements for the shape \(shape)")
    var bytes = header.encoded(capacity: Self.payloadOffset + count * dtype.byteCount)
    appendPayload(&bytes)
    Checksum.seal(&bytes)
    content = Bytes(bytes)
    self.dtype = dtype
    self.shape = shape
  }
}
