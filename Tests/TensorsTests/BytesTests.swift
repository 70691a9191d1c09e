import Tensors
import Testing

@Suite struct BytesTests {
  // IEEE 754 single precision, least significant byte first.
  static let floats: [Float] = [1, -2, 0.5, .infinity, -0.0, 0x1.fffffep127]
  static let bytes: [UInt8] = [
    0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 0, 0, 0, 0x3F, 0, 0, 0x80, 0x7F, 0, 0, 0, 0x80, 0xFF, 0xFF,
    0x7F, 0x7F,
  ]

  @Test func floatsAreWrittenLittleEndian() {
    var bytes: [UInt8] = [1, 2]
    Kernels.append(Self.floats, to: &bytes)
    #expect(bytes == [1, 2] + Self.bytes)
  }

  @Test(arguments: 0..<5)
  func floatsAreReadAtAnyAlignment(offset: Int) {
    let message = [UInt8](repeating: 9, count: offset) + Self.bytes + [9]
    #expect(Kernels.floats(from: message, at: offset, count: 6).bits == Self.floats.bits)
    #expect(Kernels.floats(from: message, at: offset + 4, count: 1) == [-2])
    #expect(Kernels.floats(from: message, at: message.count, count: 0) == [])
  }

  @Test func payloadsOfNaNSurvive() {
    let value = Float(bitPattern: 0x7FA1_2345)
    var bytes: [UInt8] = []
    Kernels.append([value], to: &bytes)
    #expect(bytes == [0x45, 0x23, 0xA1, 0x7F])
    #expect(Kernels.floats(from: bytes, at: 0, count: 1)[0].bitPattern & 0x3F_FFFF == 0x21_2345)
  }
}
