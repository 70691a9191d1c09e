import Foundation

/// The Python that has PyTorch, for what is checked with it.
struct Python: Sendable {
  let path: String

  /// What `TRIBUTARY_ORACLE_PYTHON` names, or what scripts/oracle/setup made; nil where neither
  /// can import torch and safetensors.
  static let withTorch: Python? = {
    let named = ProcessInfo.processInfo.environment["TRIBUTARY_ORACLE_PYTHON"]
    let python = Python(path: named ?? OracleFolder.repository + "/.build-oracle/python/bin/python")
    return python.run(["-c", "import torch, safetensors"]) == nil ? nil : python
  }()

  /// What a program printed, or nil where it failed.
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
