import Numerics
import Storage
import Testing

@Suite struct SafetensorsErrorTests {
  /// Returns a file with `header` and `data` bytes of data.
  private func file(_ header: String, data: Int = 0, length: UInt64? = nil) -> [UInt8] {
    let length = length ?? UInt64(header.utf8.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8)
      + [UInt8](repeating: 0, count: data)
  }

  private func expect(
    _ error: SafetensorsError, _ bytes: [UInt8],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(throws: error, sourceLocation: sourceLocation) {
      try Safetensors(bytes, path: "f")
    }
  }

  private func entry(
    _ offsets: String, shape: String = "[1]", type: String = "F32", name: String = "a"
  ) -> String {
    "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
  }

  @Test func rejectsAFileWithoutALength() {
    for size in 0..<8 {
      expect(
        .headerTruncated(path: "f", size: size, expected: 8), [UInt8](repeating: 0, count: size))
    }
  }

  @Test func rejectsATruncatedHeader() {
    expect(.headerTruncated(path: "f", size: 10, expected: 108), file("{}", length: 100))
  }

  @Test(arguments: [16_777_217, UInt64(Int64.max), .max])
  func rejectsAHeaderOverTheLimit(length: UInt64) {
    expect(
      .headerTooLong(path: "f", length: length, limit: 1 << 24), file("{}", length: length))
  }

  @Test(arguments: ["", "[]", " {}", "<html>", "null"])
  func rejectsAHeaderThatIsNotAnObject(header: String) {
    expect(
      .headerInvalid(path: "f", field: "", reason: "it does not begin with {"), file(header))
  }

  @Test(arguments: [
    "{", "{\"a\":1}", "{\"a\":{}}", "{\"__metadata__\":{\"k\":1}}", "{\"__metadata__\":[]}",
    "{\"a\":{\"dtype\":1,\"shape\":[],\"data_offsets\":[0,4]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5],\"data_offsets\":[0,4]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,1e30]}}",
    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,99999999999999999999]}}",
  ])
  func rejectsAHeaderOfAnotherFormat(header: String) {
    let error = #expect(throws: SafetensorsError.self) {
      try Safetensors(file(header, data: 4), path: "f")
    }
    guard case .headerInvalid = error else {
      Issue.record("\(header): \(String(describing: error))")
      return
    }
    #expect(error?.description.contains("\n") == false)
    for text in ["Error", "NS", "Domain", "Swift", "expected", "Expected"] {
      #expect(error?.description.contains(text) == false, "\(String(describing: error))")
    }
  }

  @Test func namesTheMissingFieldOfAHeader() {
    expect(
      .headerInvalid(path: "f", field: "a", reason: "shape is missing"),
      file("{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,4]}}", data: 4))
  }

  @Test func deepNestingIsAnError() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: SafetensorsError.self) {
      try Safetensors(file("{\"a\":" + deep), path: "f")
    }
  }

  @Test func rejectsOtherElementTypes() {
    expect(
      .unsupportedType(path: "f", tensor: "a", type: "BF16"),
      file("{\(entry("[0,2]", type: "BF16"))}", data: 2))
  }

  @Test(arguments: [[-1], [-1, -1], [1 << 40, 1 << 40], [.max, 2]])
  func rejectsAnInvalidShape(shape: [Int]) {
    expect(
      .invalidShape(path: "f", tensor: "a", shape: shape),
      file("{\(entry("[0,4]", shape: "\(shape)"))}", data: 4))
  }

  @Test(arguments: [[4, 8], [-4, 0], [], [0], [4], [1, 2, 3]])
  func rejectsOffsetsWithAGap(offsets: [Int]) {
    guard offsets != [0] else {
      expect(
        .wrongOffsets(path: "f", tensor: "a", offsets: [0], expected: 0),
        file("{\(entry("[0]"))}", data: 4))
      return
    }
    expect(
      .wrongOffsets(path: "f", tensor: "a", offsets: offsets, expected: 0),
      file("{\(entry("\(offsets)"))}", data: 8))
  }

  @Test func rejectsOverlappingTensors() {
    expect(
      .wrongOffsets(path: "f", tensor: "b", offsets: [0, 4], expected: 4),
      file("{\(entry("[0,4]")),\(entry("[0,4]", name: "b"))}", data: 4))
  }

  @Test(arguments: [[0, 8], [0, 0], [0, -4], [0, .max], [0, .min]])
  func rejectsOffsetsThatDoNotMatchTheShape(offsets: [Int]) {
    expect(
      .sizeMismatch(path: "f", tensor: "a", shape: [1], offsets: offsets),
      file("{\(entry("\(offsets)"))}", data: 8))
  }

  @Test func rejectsTruncatedData() {
    expect(
      .truncated(path: "f", tensor: "a", size: 3, expected: 4),
      file("{\(entry("[0,4]"))}", data: 3))
  }

  @Test func rejectsTrailingBytes() {
    expect(.trailingBytes(path: "f", count: 2), file("{\(entry("[0,4]"))}", data: 6))
    expect(.trailingBytes(path: "f", count: 1), file("{}", data: 1))
  }

  /// Every mutation of a valid file gives a file or an error.
  @Test func damagedFilesNeverTrap() throws {
    let good = try Safetensors(
      tensors: [
        .init(name: "a", shape: [2, 2], values: [1, 2, 3, 4]),
        .init(name: "b", shape: [], values: [5]),
      ], metadata: ["k": "v"]
    ).serialized()
    var random = RandomSource(seed: 4, stream: 0)
    for _ in 0..<2_000 {
      var bytes = good
      for _ in 0...random.below(3) {
        let place = Int(random.below(UInt32(bytes.count)))
        bytes[place] = UInt8(truncatingIfNeeded: random.next())
      }
      if random.below(4) == 0 { bytes.removeLast(Int(random.below(UInt32(bytes.count)))) }
      _ = try? Safetensors(bytes, path: "f")
    }
  }
}
