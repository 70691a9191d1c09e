import Bytes
import Foundation
import TestSupport
import Testing
import Wire

/// Tests that the examples in the documentation match the implementation.
@Suite struct DocumentationTests {
  @Test func theExamplesMatchTheEncodedMessages() throws {
    let heartbeat = Sample.heartbeat.message.encoded(number: 7)
    let push = Sample.push.message.encoded(number: 7)
    #expect(try examples().map(\.hexadecimal) == (heartbeat + push).map(\.hexadecimal))
  }

  @Test func theExamplesDecodeToTheMessages() throws {
    let frames = try examples()
    let heartbeat = NumberedMessage(Sample.heartbeat.message, number: 7)
    let push = NumberedMessage(Sample.push.message, number: 7)
    #expect(try NumberedMessage(frames: [frames[0]]) == heartbeat)
    #expect(try NumberedMessage(frames: Array(frames[1...])) == push)
  }

  @Test func everyRefusalReasonIsDocumented() throws {
    let article = try article()
    for reason in RefusalReason.allCases {
      let words = "\(reason)".replacing(/[A-Z]/) { " \($0.output.lowercased())" }
      let listed = words == "protocol version" ? "version of the protocol" : words
      #expect(article.contains("\(reason.rawValue) \(listed)"), "\(reason)")
    }
  }

  /// Returns the code blocks of the article; the first word of each line is hexadecimal.
  private func examples() throws -> [[UInt8]] {
    let blocks = try article().components(separatedBy: "```")
    return stride(from: 1, to: blocks.count, by: 2).map { index in
      blocks[index].split(separator: "\n").flatMap { line in
        Array(hex: String(line.prefix { $0 != " " }))
      }
    }
  }

  private func article() throws -> String {
    try String(
      contentsOfFile: Repository.path("Sources/Wire/Wire.docc/ByteLayout.md"), encoding: .utf8)
  }
}
