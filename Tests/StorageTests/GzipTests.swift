import Foundation
import Storage
import TestSupport
import Testing

/// Fixtures made by Python's `gzip.compress(…, mtime=0)`.
@Suite struct GzipTests {
  private static let text = Array("Many small streams, one river.\n".utf8)
  private static let oneMember = Array(
    hex: "1f8b0800000000000203f34dccab5428ce4dccc951282e294a4dcc2dd651c8cf4b5528ca2c4b2dd2e302"
      + "0002b41ccf1f000000")
  private static let twoMembers = Array(
    hex: "1f8b0800000000000203f34dccab5428ce4dccc90100c84e8ccb0a000000"
      + "1f8b080000000000020353282e294a4dcc2dd651c8cf4b5528ca2c4b2dd2e30200efab559315000000")
  /// 200,000 zero bytes, compressed to 229.
  private static let zeros = Array(
    hex: "1f8b0800000000000203edc13101000000c2a0f54f6d067fa0"
      + String(repeating: "00", count: 193) + "80d7007b58e05c400d0300")

  @Test func inflatesAFileCompressedByPython() throws {
    #expect(try Gzip.inflate(Self.oneMember, path: "f", limit: 100) == Self.text)
  }

  @Test func joinsTheMembersOfAFile() throws {
    #expect(try Gzip.inflate(Self.twoMembers, path: "f", limit: 100) == Self.text)
  }

  @Test func inflatesContentOfSeveralChunks() throws {
    let content = try Gzip.inflate(Self.zeros, path: "f", limit: 200_000)
    #expect(content == [UInt8](repeating: 0, count: 200_000))
  }

  @Test func acceptsContentOfExactlyTheLimit() throws {
    #expect(try Gzip.inflate(Self.oneMember, path: "f", limit: Self.text.count) == Self.text)
  }

  @Test(arguments: [0, 1, 30])
  func rejectsContentOverTheLimit(limit: Int) {
    #expect(throws: GzipError.tooLarge(path: "f", limit: limit)) {
      try Gzip.inflate(Self.oneMember, path: "f", limit: limit)
    }
  }

  @Test func stopsInflatingAtTheLimit() {
    #expect(throws: GzipError.tooLarge(path: "f", limit: 1_000)) {
      try Gzip.inflate(Self.zeros, path: "f", limit: 1_000)
    }
  }

  @Test func detectsEveryTruncation() {
    for length in 2..<Self.oneMember.count {
      #expect(throws: GzipError.truncated(path: "f")) {
        try Gzip.inflate(Array(Self.oneMember[..<length]), path: "f", limit: 100)
      }
    }
  }

  @Test func detectsDamagedDataChecksumAndLength() {
    for place in [3, 20, Self.oneMember.count - 8, Self.oneMember.count - 1] {
      var damaged = Self.oneMember
      damaged[place] ^= 0xFF
      #expect(throws: GzipError.self) {
        try Gzip.inflate(damaged, path: "f", limit: 100)
      }
    }
  }

  @Test func reportsTheReasonOfZlibForAWrongChecksum() {
    var damaged = Self.oneMember
    damaged[damaged.count - 8] ^= 1
    #expect(throws: GzipError.corrupt(path: "f", reason: "incorrect data check")) {
      try Gzip.inflate(damaged, path: "f", limit: 100)
    }
  }

  @Test func detectsTrailingBytes() {
    #expect(throws: GzipError.trailingBytes(path: "f", count: 3)) {
      try Gzip.inflate(Self.oneMember + [1, 2, 3], path: "f", limit: 100)
    }
  }

  @Test func rejectsAFileThatIsNotGzip() {
    for bytes in [[], [0x1F], Array("plain".utf8)] as [[UInt8]] {
      #expect(throws: GzipError.notGzip(path: "f")) {
        try Gzip.inflate(bytes, path: "f", limit: 100)
      }
    }
  }

  @Test func readsPlainAndCompressedFilesAlike() throws {
    let folder = try TemporaryFolder()
    let plain = try folder.write(Self.text, "plain.gz")
    let compressed = try folder.write(Self.oneMember, "compressed")
    #expect(try Gzip.read(path: plain, limit: 100) == Self.text)
    #expect(try Gzip.read(path: compressed, limit: 100) == Self.text)
  }
}
