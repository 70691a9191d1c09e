import Bytes
internal import Numerics

/// The fields of a tensor frame's 64-byte header, except magic number and checksum.
struct TensorHeader {
  static let magic: UInt32 = 0x5449_5254  // "TRIT"
  static let version: UInt16 = 1

  let dtype: DataType
  let shape: [Int]
  let elementCount: Int

  /// Creates the header of a tensor to be encoded; traps if the shape does not fit in a frame.
  init(dtype: DataType, shape: [Int]) {
    precondition(shape.count <= EncodedTensor.maximumRank, "\(shape.count) dimensions")
    precondition(shape.allSatisfy { $0 >= 1 && $0 <= Int(UInt32.max) }, "shape \(shape)")
    self.dtype = dtype
    self.shape = shape
    elementCount = shape.reduce(1, *)
  }

  /// Returns the encoded header with a checksum of 0, in an array with the given capacity.
  func encoded(capacity: Int) -> [UInt8] {
    var writer = ByteWriter(capacity: capacity)
    writer.write(Self.magic)
    writer.write(UInt32(0))
    writer.write(Self.version)
    writer.write(dtype.rawValue)
    writer.write(UInt8(shape.count))
    writer.write(UInt32(0))
    writer.write(UInt64(elementCount))
    for index in 0..<EncodedTensor.maximumRank {
      writer.write(index < shape.count ? UInt32(shape[index]) : 0)
    }
    writer.write(UInt64(0))
    return writer.bytes
  }

  /// Reads and validates a whole frame: size, header, length of the payload, and checksum.
  init(validating bytes: Bytes, limits: WireLimits) throws(WireError) {
    guard bytes.count <= limits.maximumFrameBytes else {
      throw .frameTooLarge(limit: limits.maximumFrameBytes, found: bytes.count)
    }
    var reader = ByteReader(bytes.prefix(EncodedTensor.payloadOffset))
    let stated = try Self.readStart(&reader)
    dtype = try reader.value("tensor.dtype")
    let rank = try Self.readRank(&reader, limits: limits)
    guard try reader.uint32("tensor.reserved") == 0 else {
      throw .reservedNotZero(place: "tensor.reserved")
    }
    let statedCount = try reader.uint64("tensor.elements")
    shape = try Self.readShape(&reader, rank: rank)
    guard try reader.uint64("tensor.padding") == 0 else {
      throw .reservedNotZero(place: "tensor.padding")
    }
    elementCount = try Self.product(shape, limit: limits.maximumTensorElements)
    guard statedCount == UInt64(elementCount) else {
      throw .tensorElementCount(stated: statedCount, computed: UInt64(elementCount))
    }
    let (expected, overflow) = elementCount.multipliedReportingOverflow(by: dtype.byteCount)
    let found = bytes.count - EncodedTensor.payloadOffset
    guard !overflow, expected == found else {
      throw .tensorPayload(expected: overflow ? Int.max : expected, found: found)
    }
    try Checksum.verify(bytes, stated: stated, place: "tensor")
  }

  /// Reads magic number, checksum and version; returns the checksum.
  private static func readStart(_ reader: inout ByteReader) throws(WireError) -> UInt32 {
    let magic = try reader.uint32("tensor.magic")
    guard magic == Self.magic else { throw .badMagic(place: "tensor.magic", found: magic) }
    let stated = try reader.uint32("tensor.checksum")
    let version = try reader.uint16("tensor.version")
    guard version == Self.version else {
      throw .unsupportedVersion(place: "tensor.version", found: version)
    }
    return stated
  }

  private static func readRank(
    _ reader: inout ByteReader, limits: WireLimits
  ) throws(WireError) -> Int {
    let rank = Int(try reader.uint8("tensor.rank"))
    let limit = min(limits.maximumTensorRank, EncodedTensor.maximumRank)
    guard rank <= limit else { throw .tensorRank(limit: limit, found: rank) }
    return rank
  }

  /// Reads all eight dimensions; those beyond the rank must be 0.
  private static func readShape(
    _ reader: inout ByteReader, rank: Int
  ) throws(WireError) -> [Int] {
    var shape: [Int] = []
    for index in 0..<EncodedTensor.maximumRank {
      let dimension = Int(try reader.uint32("tensor.shape"))
      if index < rank {
        guard dimension >= 1 else { throw .tensorDimension(index: index, found: dimension) }
        shape.append(dimension)
      } else if dimension != 0 {
        throw .reservedNotZero(place: "tensor.shape")
      }
    }
    return shape
  }

  /// Returns the number of elements of a shape; throws if it exceeds the limit.
  static func product(_ shape: [Int], limit: Int) throws(WireError) -> Int {
    var product = 1
    for dimension in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
      guard !overflow, next <= limit else { throw .tensorTooLarge(limit: limit) }
      product = next
    }
    guard product <= limit else { throw .tensorTooLarge(limit: limit) }
    return product
  }
}
