import Testing
import Wire

@Suite struct ByteReaderTests {
  @Test func integersAreLittleEndian() throws {
    var reader = ByteReader([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
    #expect(try reader.uint8("a") == 1)
    #expect(try reader.uint16("b") == 0x0302)
    #expect(try reader.uint32("c") == 0x0706_0504)
    #expect(try reader.uint64("d") == 0x0F0E_0D0C_0B0A_0908)
    try reader.finish("end")
  }

  @Test func writtenFieldsAreReadBack() throws {
    var writer = ByteWriter()
    writer.write(UInt16.max)
    writer.write(-0.1)
    writer.write(true)
    writer.write(UInt32(3)..<9)
    writer.write("grüß")
    var reader = ByteReader(writer.bytes)
    #expect(try reader.uint16("") == .max)
    #expect(try reader.double("") == -0.1)
    #expect(try reader.bool(""))
    let range: Range<UInt32> = try reader.range("")
    #expect(range == 3..<9)
    #expect(try reader.text("", limits: WireLimits()) == "grüß")
    #expect(reader.left == 0)
  }

  @Test func readingBeyondTheEndThrowsAndConsumesNothing() throws {
    var reader = ByteReader([1, 2, 3])
    #expect(throws: WireError.truncated(place: "here", needed: 4, left: 3)) {
      try reader.uint32("here")
    }
    #expect(reader.left == 3)
    #expect(try reader.uint16("") == 0x0201)
    #expect(throws: WireError.truncated(place: "there", needed: 8, left: 1)) {
      try reader.uint64("there")
    }
    #expect(throws: WireError.trailingBytes(place: "end", count: 1)) { try reader.finish("end") }
  }

  @Test func aBooleanOtherThanZeroOrOneThrows() {
    var reader = ByteReader([2])
    #expect(throws: WireError.unknownValue(place: "flag", found: 2)) { try reader.bool("flag") }
  }

  @Test func elementCountsAreCheckedAgainstLimitAndRemainingBytes() throws {
    var limits = WireLimits()
    var reader = ByteReader([2, 0, 0, 0, 9, 9])
    #expect(try reader.count("list", limits: limits, elementBytes: 1) == 2)
    reader = ByteReader([3, 0, 0, 0, 9, 9])
    #expect(throws: WireError.truncated(place: "list", needed: 3, left: 2)) {
      try reader.count("list", limits: limits, elementBytes: 1)
    }
    limits.maximumListCount = 2
    reader = ByteReader([3, 0, 0, 0, 9, 9, 9])
    #expect(throws: WireError.listTooLong(place: "list", limit: 2, found: 3)) {
      try reader.count("list", limits: limits, elementBytes: 1)
    }
  }
}
