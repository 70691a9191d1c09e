import Testing

@testable import Bytes
@testable import Numerics

@Suite struct CRC32CTests {
  static let variants = CRC32C.Implementation.allCases.filter { $0.function != nil }

  // From RFC 3720, appendix B.4, and the check value of the CRC catalogue. The last two were
  // computed bit by bit in Python.
  static let published: [([UInt8], UInt32)] = [
    ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
    ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
    ([UInt8](0..<32), 0x46DD_794E),
    ([UInt8](0..<32).reversed(), 0x113F_DB5C),
    (commandUnit, 0xD996_3A56),
    ([UInt8]("123456789".utf8), 0xE306_9283),
    ([], 0),
    ([UInt8](repeating: 0, count: 4096), 0x98F9_4189),
    ([UInt8](String(repeating: "123456789", count: 1000).utf8), 0xD601_351D),
  ]

  /// The RFC's "iSCSI read" command.
  private static let commandUnit: [UInt8] =
    [0x01, 0xC0] + [UInt8](repeating: 0, count: 14) + [0x14, 0, 0, 0, 0, 0, 4, 0]
    + [0, 0, 0, 0x14, 0, 0, 0, 0x18, 0x28, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]

  private func noise(_ count: Int) -> [UInt8] {
    var source = RandomSource(seed: 3, stream: UInt64(count))
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: source.next32()) }
  }

  private func expectTable(
    _ variant: CRC32C.Implementation, _ bytes: [UInt8], _ range: Range<Int>, from crc: UInt32
  ) throws {
    let function = try #require(variant.function)
    let table = try #require(CRC32C.Implementation.table.function)
    #expect(
      CRC32C.checksum(Bytes(bytes), range, from: crc, with: function)
        == CRC32C.checksum(Bytes(bytes), range, from: crc, with: table), "\(range) from \(crc)")
  }

  @Test(arguments: published)
  func checksumsMatchThePublishedValues(bytes: [UInt8], crc: UInt32) throws {
    #expect(CRC32C.checksum(bytes) == crc)
    for variant in Self.variants {
      let function = try #require(variant.function)
      #expect(CRC32C.checksum(Bytes(bytes), from: 0, with: function) == crc, "\(variant)")
    }
  }

  @Test func checksumCoversOnlyTheGivenRange() {
    let bytes = [9, 9, 9] + [UInt8]("123456789".utf8) + [9]
    #expect(CRC32C.checksum(bytes, 3..<12) == 0xE306_9283)
    #expect(CRC32C.checksum(bytes, 5..<5) == 0)
  }

  @Test(arguments: variants)
  func everyVariantAgreesWithTheTableAtEveryLength(variant: CRC32C.Implementation) throws {
    let bytes = noise(2400)
    var source = RandomSource(seed: 5, stream: 0)
    for length in 0...2100 {
      let first = Int(source.next32() % 300)
      try expectTable(variant, bytes, first..<first + length, from: source.next32())
    }
  }

  @Test(arguments: variants)
  func everyVariantAgreesWithTheTableAtEveryAlignment(variant: CRC32C.Implementation) throws {
    let bytes = noise(1400)
    for first in 0...64 {
      for length in stride(from: 0, through: 1300, by: 67) {
        try expectTable(variant, bytes, first..<first + length, from: 0)
      }
    }
  }

  /// Lengths around multiples of three streams, of four registers, and of one register.
  @Test(
    arguments: variants, [4096, 12_288, 24_576, 50_000, 65_536, 326_696, 327_680, 1 << 20])
  func everyVariantAgreesWithTheTableOnLongMessages(variant: CRC32C.Implementation, about: Int)
    throws
  {
    let bytes = noise(about + 321)
    for more in [0, 64, 256] {
      for length in about + more - 1...about + more + 1 {
        try expectTable(variant, bytes, more / 4..<more / 4 + length, from: UInt32(length))
      }
    }
  }

  @Test(arguments: variants)
  func aChecksumCanBeComputedInTwoParts(variant: CRC32C.Implementation) throws {
    let function = try #require(variant.function)
    let bytes = noise(14_000)
    let whole = CRC32C.checksum(bytes)
    for cut in stride(from: 0, through: bytes.count, by: 97) {
      let first = CRC32C.checksum(Bytes(bytes), 0..<cut, from: 0, with: function)
      #expect(
        CRC32C.checksum(Bytes(bytes), cut..<bytes.count, from: first, with: function) == whole)
    }
  }

  @Test(arguments: variants)
  func everySingleBitFlipIsDetected(variant: CRC32C.Implementation) throws {
    let function = try #require(variant.function)
    var bytes = noise(600)
    let crc = CRC32C.checksum(bytes)
    for bit in 0..<8 * bytes.count {
      bytes[bit / 8] ^= 1 << (bit % 8)
      #expect(CRC32C.checksum(Bytes(bytes), from: 0, with: function) != crc)
      bytes[bit / 8] ^= 1 << (bit % 8)
    }
  }
}
