import Foundation

/// A Python interpreter.
struct Python: Sendable {
  let path: String

  /// The interpreter specified by `TRIBUTARY_ORACLE_PYTHON`, or else the one installed by
  /// scripts/oracle/setup; nil if it cannot import torch and safetensors.
  static let withTorch: Python? = {
    let named = ProcessInfo.processInfo.environment["TRIBUTARY_ORACLE_PYTHON"]
    let python = Python(path: named ?? OracleFolder.repository + "/.build-oracle/python/bin/python")
    return python.run(["-c", "import torch, safetensors"]) == nil ? nil : python
  }()

  /// Runs the interpreter and returns its standard output; nil if it fails.
  func run(_ arguments: [String]) -> String? {
    let (process, pipe) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(decoding: output, as: UTF8.self) : nil
  }
}
