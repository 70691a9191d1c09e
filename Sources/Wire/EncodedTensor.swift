package import Bytes
import Numerics

/// A tensor encoded as one frame: a header of 64 bytes, then the elements in row-major order,
/// little-endian.
///
/// A value of this type is always well formed: it was either encoded or validated by an
/// initializer. Copies of the value share the bytes. The layout is described in <doc:ByteLayout>.
package struct EncodedTensor: Sendable, Hashable {
  /// The whole frame.
  package let content: Bytes
  /// The type of the elements.
  package let dtype: DataType
  /// The dimensions, each at least 1; empty for a scalar.
  package let shape: [Int]

  /// The whole frame as an array. Not a copy if the tensor was created from an array.
  package var bytes: [UInt8] { content.array }

  /// The maximum number of dimensions that fit in the header.
  package static let maximumRank = 8

  /// The offset of the first element in ``content``, which is the length of the header.
  package static let payloadOffset = 64

  /// The offset of the first element in ``content``, a multiple of 64.
  package var payloadOffset: Int { Self.payloadOffset }

  /// The number of elements.
  package var count: Int { payloadByteCount / dtype.byteCount }

  /// The size of the elements in bytes.
  package var payloadByteCount: Int { content.count - payloadOffset }

  /// Creates a tensor of 32-bit floats.
  ///
  /// - Parameters:
  ///   - values: The elements in row-major order.
  ///   - shape: The dimensions, each at least 1; their product is the number of values.
  package init(float32 values: [Float], shape: [Int]) {
    self.init(dtype: .float32, shape: shape, count: values.count) { bytes in
      Kernels.append(values, to: &bytes)
    }
  }

  /// Creates a one-dimensional tensor of 32-bit floats.
  ///
  /// - Parameter values: The elements, at least one.
  package init(float32 values: ArraySlice<Float>) {
    self.init(dtype: .float32, shape: [values.count], count: values.count) { bytes in
      Kernels.append(values, to: &bytes)
    }
  }

  /// Creates a tensor from elements that are encoded already.
  ///
  /// - Parameters:
  ///   - dtype: The type of the elements.
  ///   - shape: The dimensions, each at least 1; their product is the number of elements.
  ///   - payload: The elements in row-major order, little-endian.
  package init(dtype: DataType, shape: [Int], payload: [UInt8]) {
    precondition(
      payload.count.isMultiple(of: dtype.byteCount), "the payload ends within an element")
    self.init(dtype: dtype, shape: shape, count: payload.count / dtype.byteCount) { bytes in
      bytes.append(contentsOf: payload)
    }
  }

  /// Creates a tensor from a received frame after validating it; the bytes are not copied.
  ///
  /// - Parameters:
  ///   - bytes: The whole frame.
  ///   - limits: The limits that the frame must not exceed.
  /// - Throws: The first rule of the format that the frame violates.
  package init(validating bytes: Bytes, limits: WireLimits = WireLimits()) throws(WireError) {
    let header = try TensorHeader(validating: bytes, limits: limits)
    content = bytes
    dtype = header.dtype
    shape = header.shape
  }

  /// Creates a tensor from a received frame in an array after validating it.
  package init(validating bytes: [UInt8], limits: WireLimits = WireLimits()) throws(WireError) {
    try self.init(validating: Bytes(bytes), limits: limits)
  }

  /// Returns the elements as 32-bit floats.
  ///
  /// - Throws: ``WireError/dataType(expected:found:)`` if the elements have another type.
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
