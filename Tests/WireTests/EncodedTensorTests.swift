import TestSupport
import Testing
import Wire

@Suite struct EncodedTensorTests {
  @Test(arguments: [[], [1], [6], [2, 3], [1, 1, 1, 1, 1, 1, 2, 3]])
  func floatsAndShapeRoundTrip(shape: [Int]) throws {
    let values = (0..<shape.reduce(1, *)).map { Float($0) * 1.25 - 3 }
    let encoded = EncodedTensor(float32: values, shape: shape)
    #expect(encoded.bytes.count == 64 + 4 * values.count)
    #expect(encoded.count == values.count && encoded.payloadOffset == 64)
    let decoded = try EncodedTensor(validating: encoded.bytes)
    #expect(decoded == encoded && decoded.shape == shape && decoded.dtype == .float32)
    #expect(try decoded.floats() == values)
  }

  @Test func aSliceOfFloatsIsAVector() throws {
    let tensor = EncodedTensor(float32: [1, 2, 3, 4][1...2])
    #expect(tensor == EncodedTensor(float32: [2, 3], shape: [2]))
  }

  @Test func everyFloatBitPatternRoundTrips() throws {
    let patterns: [UInt32] = [
      0, 0x8000_0000, 1, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0001, 0x7F80_0001, 0xFFFF_FFFF,
    ]
    let encoded = EncodedTensor(
      float32: patterns.map(Float.init(bitPattern:)), shape: [patterns.count])
    let decoded = try EncodedTensor(validating: encoded.bytes).floats()
    #expect(decoded.map(\.bitPattern) == patterns)
  }

  @Test(arguments: DataType.allCases)
  func everyElementTypeRoundTrips(dtype: DataType) throws {
    let payload = (0..<UInt8(3 * dtype.byteCount)).map { $0 }
    let encoded = EncodedTensor(dtype: dtype, shape: [3], payload: payload)
    let decoded = try EncodedTensor(validating: encoded.bytes)
    #expect(decoded.dtype == dtype && decoded.count == 3 && decoded == encoded)
    #expect(Array(decoded.bytes[decoded.payloadOffset...]) == payload)
  }

  @Test func readingAnotherTypeAsFloatsThrows() {
    let tensor = EncodedTensor(dtype: .int32, shape: [1], payload: [1, 0, 0, 0])
    #expect(throws: WireError.dataType(expected: .float32, found: .int32)) {
      try tensor.floats()
    }
  }

  @Test func validatingSharesTheBytes() throws {
    let bytes = EncodedTensor(float32: [Float](repeating: 1, count: 1000), shape: [1000]).bytes
    let tensor = try EncodedTensor(validating: bytes)
    let same = bytes.withUnsafeBufferPointer { first in
      tensor.bytes.withUnsafeBufferPointer { first.baseAddress == $0.baseAddress }
    }
    #expect(same)
  }

  private static let valid = EncodedTensor(float32: [1, 2, 3, 4, 5, 6], shape: [2, 3]).bytes

  private func failureWith(_ new: [UInt8], at offset: Int) -> WireError? {
    failure(tensor: sealed(Self.valid.replacing(at: offset, with: new)))
  }

  @Test func truncatedFramesThrow() {
    for length in 0..<Self.valid.count {
      #expect(failure(tensor: Array(Self.valid.prefix(length))) != nil, "\(length) bytes")
    }
    #expect(
      failure(tensor: Array(Self.valid.prefix(7)))
        == .truncated(place: "tensor.checksum", needed: 4, left: 3))
  }

  @Test func everyHeaderViolationHasItsOwnError() {
    #expect(
      failureWith(Array("TRIB".utf8), at: 0)
        == .badMagic(place: "tensor.magic", found: 0x4249_5254))
    #expect(failureWith([2, 0], at: 8) == .unsupportedVersion(place: "tensor.version", found: 2))
    #expect(failureWith([0], at: 10) == .unknownValue(place: "tensor.dtype", found: 0))
    #expect(failureWith([6], at: 10) == .unknownValue(place: "tensor.dtype", found: 6))
    #expect(failureWith([9], at: 11) == .tensorRank(limit: 8, found: 9))
    #expect(failureWith([1], at: 15) == .reservedNotZero(place: "tensor.reserved"))
    #expect(failureWith([7], at: 16) == .tensorElementCount(stated: 7, computed: 6))
    #expect(failureWith([0], at: 28) == .tensorDimension(index: 1, found: 0))
    #expect(failureWith([1], at: 32) == .reservedNotZero(place: "tensor.shape"))
    #expect(failureWith([1], at: 63) == .reservedNotZero(place: "tensor.padding"))
  }

  @Test func payloadLengthMustMatchTheShape() {
    #expect(failure(tensor: Self.valid + [0]) == .tensorPayload(expected: 24, found: 25))
    #expect(failure(tensor: Self.valid.dropLast()) == .tensorPayload(expected: 24, found: 23))
    #expect(failureWith([2], at: 10) == .tensorPayload(expected: 48, found: 24))
  }

  @Test func aShapeWhoseElementCountOverflowsThrows() {
    let most = [UInt8](repeating: 0xFF, count: 32)
    var frame = Self.valid.replacing(at: 24, with: most)
    frame[11] = 8
    #expect(failure(tensor: frame) == .tensorTooLarge(limit: 1 << 32))
    let limits = WireLimits(maximumTensorElements: .max)
    #expect(failure(tensor: frame, limits: limits) == .tensorTooLarge(limit: .max))
    frame = Self.valid.replacing(
      at: 24, with: Array(littleEndian: UInt32(1 << 31)) + Array(littleEndian: UInt32(1 << 30)))
    frame = frame.replacing(at: 16, with: Array(littleEndian: UInt64(1) << 61))
    #expect(
      failure(tensor: frame, limits: limits) == .tensorPayload(expected: .max, found: 24))
  }

  @Test func everyFlippedBitIsDetected() {
    for index in Self.valid.indices {
      for bit in 0..<8 {
        var frame = Self.valid
        frame[index] ^= 1 << UInt8(bit)
        #expect(failure(tensor: frame) != nil, "byte \(index), bit \(bit)")
      }
    }
  }

  @Test func aWrongChecksumIsReportedWithBothValues() {
    let frame = Self.valid.replacing(at: 4, with: [0, 0, 0, 0])
    #expect(
      failure(tensor: frame)
        == .checksumMismatch(
          place: "tensor", stated: 0, computed: referenceCRC(Self.valid[8...])))
  }
}
