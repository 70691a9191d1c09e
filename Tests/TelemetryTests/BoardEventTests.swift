import TestSupport
import Testing

@testable import Telemetry

/// Our bytes compared with those of TensorBoard's writer.
@Suite struct BoardEventTests {
  /// Written by the Python package tensorboard 2.21 (protobuf 7.36): RecordWriter over BytesIO, of
  /// event_pb2.Event with file_version; session_log with status START; the summary of
  /// text_pb("settings", ...) of tensorboard.plugins.text.summary; and two summaries of values with
  /// tag and simple_value.
  static let written = Array(
    hex: """
      1800000000000000a37f4b220900001040fc54d9411a0d627261696e2e4576656e743a32338d2fe910000000
      0000000095fbfe180900001040fc54d94110ac023a0208016b3b88f156000000000000004e2de2b209000010
      40fc54d9412a4b0a490a0873657474696e6773423308071200422d7c2073657474696e67207c2076616c7565
      207c0a7c2d2d2d7c2d2d2d7c0a7c20726563697065207c207631207c4a080a060a0474657874884636862c00
      000000000000f4aecc450900006040fc54d94110ac022a1e0a0b0a046c6f737315abe9ec3f0a0f0a08616363
      757261637915f628dc3eda5314b72c00000000000000f4aecc45090000b040fc54d94110c45e2a1e0a0b0a04
      6c6f7373150000807f0a0f0a0861636375726163791500000000cde7168f
      """)

  @Test func eventsHaveTheBytesOfTensorBoardsWriter() {
    let table = TensorBoardLog.table([("recipe", "v1")])
    let events = [
      BoardEvent(time: 1_700_000_000.25, step: 0, content: .fileVersion),
      BoardEvent(time: 1_700_000_000.25, step: 300, content: .restart),
      BoardEvent(
        time: 1_700_000_000.25, step: 0, content: .text(tag: "settings", markdown: table)),
      BoardEvent(
        time: 1_700_000_001.5, step: 300,
        content: .scalars([("loss", 1.850881), ("accuracy", 0.43)])),
      BoardEvent(
        time: 1_700_000_002.75, step: 12100,
        content: .scalars([("loss", .infinity), ("accuracy", 0)])),
    ]
    #expect(events.flatMap { EventFile.record($0.encoded) } == Self.written)
  }

  @Test func theReaderOfTheTestsReadsTensorBoardsBytes() throws {
    let points = try #require(readPoints(Self.written))
    #expect(points.map(\.tag) == ["loss", "accuracy", "loss", "accuracy"])
    #expect(points.map(\.step) == [300, 300, 12100, 12100])
    #expect(points.map(\.value) == [1.850881, 0.43, .infinity, 0])
  }

  /// RFC 3720, B.4: the CRC-32C of 32 zeros is 8a9136aa; rotated and shifted by hand.
  @Test func checksumsAreMasked() {
    let rotated: UInt32 = 0x8a91_36aa >> 15 | 0x8a91_36aa << 17
    let masked = EventFile.maskedChecksum(Array(repeating: 0, count: 32))
    #expect(masked == rotated &+ 0xa282_ead8)
  }

  @Test func textsOfAnyLengthAreFramed() throws {
    for length in [0, 1, 127, 128, 16_383, 16_384, 100_000] {
      var message = ProtobufWriter()
      message.text(String(repeating: "x", count: length), field: 3)
      let prefix = message.bytes.dropLast(length)
      // 3 << 3 | 2, then the length, seven bits a byte.
      #expect(prefix.first == 26)
      let number = prefix.dropFirst().enumerated().reduce(0) { sum, digit in
        sum | Int(digit.element & 0x7f) << (7 * digit.offset)
      }
      #expect(number == length)
    }
  }

  /// Numbers of protobuf.dev's "Encoding": 150 in field 1 is 08 96 01.
  @Test func integersAreVarints() {
    var message = ProtobufWriter()
    message.integer(150, field: 1)
    #expect(message.bytes == [0x08, 0x96, 0x01])
    message = ProtobufWriter()
    message.integer(.max, field: 2)
    #expect(message.bytes == [0x10] + Array(repeating: 0xff, count: 9) + [0x01])
  }

  @Test func barsInValuesDoNotBreakTheTable() {
    #expect(TensorBoardLog.table([("a", "b|c")]).hasSuffix("\n| a | b\\|c |"))
  }
}
