import Storage
import TestSupport
import Testing

@Suite struct SafetensorsTests {
  /// From the Python package safetensors 0.8: `save({"dense/bias": [1.5, -2.25, 3],
  /// "dense/kernel": arange(6).reshape(2, 3) / 4, "scalar": 0.1}, metadata={"recipe": "tutorial",
  /// "note": 'ü "quoted"\n'})` in float32.
  private static let fromPython = Array(
    hex: "00010000000000007b225f5f6d657461646174615f5f223a7b22726563697065223a227475746f7269616c"
      + "222c226e6f7465223a22c3bc205c2271756f7465645c225c6e227d2c2264656e73652f62696173223a7b22"
      + "6474797065223a22463332222c227368617065223a5b335d2c22646174615f6f666673657473223a5b302c"
      + "31325d7d2c2264656e73652f6b65726e656c223a7b226474797065223a22463332222c227368617065223a"
      + "5b322c335d2c22646174615f6f666673657473223a5b31322c33365d7d2c227363616c6172223a7b226474"
      + "797065223a22463332222c227368617065223a5b5d2c22646174615f6f666673657473223a5b33362c3430"
      + "5d7d7d2020200000c03f000010c000004040000000000000803e0000003f0000403f0000803f0000a03fcd"
      + "cccc3d")

  private static let file = Safetensors(
    tensors: [
      .init(name: "dense/bias", shape: [3], values: [1.5, -2.25, 3]),
      .init(name: "dense/kernel", shape: [2, 3], values: [0, 0.25, 0.5, 0.75, 1, 1.25]),
      .init(name: "scalar", shape: [], values: [0.1]),
    ],
    metadata: ["recipe": "tutorial", "note": "ü \"quoted\"\n"])

  @Test func readsAFileWrittenByPython() throws {
    #expect(try Safetensors(Self.fromPython, path: "f") == Self.file)
  }

  @Test func readsBackItsOwnFile() throws {
    #expect(try Safetensors(Self.file.serialized(), path: "f") == Self.file)
  }

  @Test func keepsTheOrderOfTheTensors() throws {
    let file = Safetensors(tensors: Self.file.tensors.reversed())
    #expect(
      try Safetensors(file.serialized(), path: "f").tensors.map(\.name)
        == ["scalar", "dense/kernel", "dense/bias"])
  }

  @Test func keepsEveryBitOfEveryFloat() throws {
    let bits: [UInt32] = [0, 0x8000_0000, 1, 0x7F7F_FFFF, 0x7F80_0000, 0xFF80_0000, 0x7FC0_1234]
    let file = Safetensors(
      tensors: [.init(name: "a", shape: [7], values: bits.map(Float.init(bitPattern:)))])
    let read = try Safetensors(file.serialized(), path: "f")
    #expect(read["a"]?.values.map(\.bitPattern) == bits)
  }

  @Test func writesAndReadsFiles() throws {
    let folder = try TemporaryFolder()
    try Self.file.write(to: folder.file("model.safetensors"))
    #expect(try Safetensors.read(path: folder.file("model.safetensors")) == Self.file)
    #expect(throws: FileError.self) {
      try Safetensors.read(path: folder.file("model.safetensors"), limit: 100)
    }
  }

  @Test func allowsFilesWithoutTensorsAndEmptyTensors() throws {
    for tensors in [
      [], [.init(name: "a", shape: [0], values: []), .init(name: "b", shape: [3, 0], values: [])],
    ] as [[Safetensors.Tensor]] {
      let file = Safetensors(tensors: tensors)
      #expect(try Safetensors(file.serialized(), path: "f") == file)
    }
  }

  @Test func findsATensorByItsName() {
    #expect(Self.file["scalar"]?.values == [0.1])
    #expect(Self.file["lstm/kernel"] == nil)
  }

  @Test func writesTheSameBytesEveryTime() throws {
    let bytes = try Self.file.serialized()
    for _ in 0..<10 { #expect(try Self.file.serialized() == bytes) }
  }

  @Test func theElementsBeginAtAMultipleOfEightBytes() throws {
    for length in 1...16 {
      let name = String(repeating: "n", count: length)
      let bytes = try Safetensors(tensors: [.init(name: name, shape: [], values: [1])])
        .serialized()
      #expect((bytes.count - 4).isMultiple(of: 8))
    }
  }

  @Test func rejectsWritingAFileThatItCouldNotRead() {
    let wrongSize = Safetensors(tensors: [.init(name: "a", shape: [2], values: [1])])
    #expect(
      throws: SafetensorsError.sizeMismatch(path: "", tensor: "a", shape: [2], offsets: [0, 4])
    ) {
      try wrongSize.serialized()
    }
    let twice = Safetensors(
      tensors: [.init(name: "a", shape: [], values: [1]), .init(name: "a", shape: [], values: [2])])
    #expect(throws: SafetensorsError.nameTaken(path: "", tensor: "a")) {
      try twice.serialized()
    }
    let reserved = Safetensors(tensors: [.init(name: "__metadata__", shape: [], values: [1])])
    #expect(throws: SafetensorsError.nameTaken(path: "", tensor: "__metadata__")) {
      try reserved.serialized()
    }
  }
}
