import Testing

@testable import Tensors

@Suite struct CRC32CTests {
  // RFC 3720, appendix B.4, and the check value of the CRC catalogue.
  static let published: [([UInt8], UInt32)] = [
    ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
    ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
    ([UInt8](0..<32), 0x46DD_794E),
    ([UInt8](0..<32).reversed(), 0x113F_DB5C),
    ([UInt8]("123456789".utf8), 0xE306_9283),
    ([], 0),
  ]

  @Test(arguments: published)
  func givesThePublishedValues(bytes: [UInt8], crc: UInt32) {
    #expect(Kernels.crc32c(bytes) == crc)
    #expect(Kernels.crc32cByTable(bytes) == crc)
  }

  @Test func takesAPartOfTheBytes() {
    let bytes = [9, 9, 9] + [UInt8]("123456789".utf8) + [9]
    #expect(Kernels.crc32c(bytes, 3..<12) == 0xE306_9283)
    #expect(Kernels.crc32c(bytes, 5..<5) == 0)
  }

  @Test func instructionAndTableAgreeAtEveryLengthAndAlignment() {
    var source = RandomSource(seed: 3, stream: 0)
    let bytes = (0..<300).map { _ in UInt8(truncatingIfNeeded: source.next32()) }
    for first in 0..<9 {
      for end in stride(from: first, through: 300, by: 7) {
        let part = Array(bytes[first..<end])
        #expect(Kernels.crc32c(bytes, first..<end) == Kernels.crc32cByTable(part))
      }
    }
  }

  @Test(arguments: [12_287, 12_288, 12_289, 24_576, 50_001])
  func longMessagesAreSummedInStreamsWithTheSameResult(count: Int) {
    var source = RandomSource(seed: 4, stream: UInt64(count))
    let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: source.next32()) }
    #expect(Kernels.crc32c(bytes) == Kernels.crc32cByTable(bytes))
  }

  @Test func everySingleBitFlipIsFound() {
    var bytes = [UInt8](0..<64)
    let crc = Kernels.crc32c(bytes)
    for bit in 0..<512 {
      bytes[bit / 8] ^= 1 << (bit % 8)
      #expect(Kernels.crc32c(bytes) != crc)
      bytes[bit / 8] ^= 1 << (bit % 8)
    }
  }
}
