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

  /// What bytes as floats are by definition: one product, rounded once.
  private func scaled(_ bytes: some Sequence<UInt8>, by factor: Float) -> [UInt32] {
    bytes.map { (Float($0) * factor).bitPattern }
  }

  @Test(arguments: KernelVariant.supported, [1 / 255, 1, 0x1.234p-130] as [Float])
  func everyByteIsScaledWithOneRounding(variant: KernelVariant, factor: Float) {
    let bytes = [UInt8](0...255)
    let floats = Kernels(variant).scaled(bytes, at: [0], count: 256, by: factor)
    #expect(floats.bits == scaled(bytes, by: factor))
  }

  @Test(arguments: KernelVariant.supported)
  func rowsOfBytesAreScaledAtEveryLengthAndAlignment(variant: KernelVariant) {
    let kernels = Kernels(variant)
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 37) }
    for count in Array(0...150) + [784, 943] {
      let offsets = [57, 0, 1, 8, 57, 30, 13].filter { $0 + count <= bytes.count }
      let floats = kernels.scaled(bytes, at: offsets, count: count, by: 1 / 255)
      let expected = offsets.flatMap { scaled(bytes[$0..<$0 + count], by: 1 / 255) }
      #expect(floats.bits == expected, "\(count)")
    }
  }

  @Test(arguments: KernelVariant.supported)
  func bytesAreTakenInTheOrderAskedFor(variant: KernelVariant) {
    let bytes = (0..<100).map { UInt8($0) }
    for count in [1, 7, 16, 33] {
      let order = (0..<count).map { ($0 * 5 + 3) % count }
      let floats = Kernels(variant).scaled(
        bytes, at: [40, 2], count: count, order: order, by: 1 / 255)
      let expected = [40, 2].flatMap { offset in
        scaled(order.map { bytes[offset + $0] }, by: 1 / 255)
      }
      #expect(floats.bits == expected)
    }
  }

  @Test func noRowsAndNoBytesMakeNoFloats() {
    #expect(Kernels().scaled([1, 2], at: [], count: 2, by: 1) == [])
    #expect(Kernels().scaled([1, 2], at: [0, 2], count: 0, by: 1) == [])
    #expect(Kernels().scaled([], at: [0], count: 0, order: [], by: 1) == [])
  }

  @Test func payloadsOfNaNSurvive() {
    let value = Float(bitPattern: 0x7FA1_2345)
    var bytes: [UInt8] = []
    Kernels.append([value], to: &bytes)
    #expect(bytes == [0x45, 0x23, 0xA1, 0x7F])
    #expect(Kernels.floats(from: bytes, at: 0, count: 1)[0].bitPattern & 0x3F_FFFF == 0x21_2345)
  }
}
