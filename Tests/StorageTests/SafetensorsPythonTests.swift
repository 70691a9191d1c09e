import Foundation
import Storage
import TestSupport
import Testing

/// Runs a Python program and returns its output; nil if it failed.
private func python(_ program: String, _ arguments: String...) -> String? {
  Command.python(["-c", program] + arguments).output()
}

private let hasPackage = python("import numpy, safetensors.numpy") != nil

/// Exchange of files with the Python package safetensors, in both directions.
@Suite(.enabled(if: hasPackage, "install the Python packages safetensors and numpy"))
struct SafetensorsPythonTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test func pythonReadsAFileOfThisModule() throws {
    let path = folder.file("model.safetensors")
    try Safetensors(
      tensors: [
        .init(name: "lstm/kernel", shape: [2, 3], values: [0.5, -1, 2, 3, 4, 1e30]),
        .init(name: "dense/bias", shape: [2], values: [7, 8]),
        .init(name: "scalar", shape: [], values: [9]),
      ], metadata: ["recipe": "v1", "note": "ü/\"\\\n\u{1}"]
    ).write(to: path)
    let program = """
      import sys
      from safetensors import safe_open
      with safe_open(sys.argv[1], framework="np") as f:
          for name in sorted(f.keys()):
              t = f.get_tensor(name)
              print(name, t.dtype, t.shape, t.tolist())
          print(sorted(f.metadata().items()))
      """
    #expect(
      python(program, path) == """
        dense/bias float32 (2,) [7.0, 8.0]
        lstm/kernel float32 (2, 3) [[0.5, -1.0, 2.0], [3.0, 4.0, 1.0000000150474662e+30]]
        scalar float32 () 9.0
        [('note', 'ü/"\\\\\\n\\x01'), ('recipe', 'v1')]

        """)
  }

  @Test func readsAFileOfPython() throws {
    let path = folder.file("model.safetensors")
    let program = """
      import sys, numpy
      from safetensors.numpy import save_file
      save_file({"b": numpy.arange(12, dtype="f").reshape(2, 3, 2), "a": numpy.ones((), "f"),
                 "empty": numpy.ones((0, 4), "f")}, sys.argv[1], metadata={"k": "v"})
      """
    #expect(python(program, path) != nil)
    let file = try Safetensors.read(path: path)
    #expect(file.metadata == ["k": "v"])
    #expect(file["b"] == .init(name: "b", shape: [2, 3, 2], values: (0..<12).map(Float.init)))
    #expect(file["a"] == .init(name: "a", shape: [], values: [1]))
    #expect(file["empty"] == .init(name: "empty", shape: [0, 4], values: []))
  }
}
