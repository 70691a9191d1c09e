import Foundation
import Storage

/// Where the files lie that scripts/oracle/fixtures.py made with TensorFlow.
struct OracleFolder: Sendable {
  let path: String

  /// The small models' files, which are part of the repository.
  static let small = OracleFolder(path: Bundle.module.bundlePath + "/Fixtures")

  /// The full-size models' files, where they were made: in the folder that `TRIBUTARY_ORACLE`
  /// names, or where scripts/oracle/setup puts them.
  static let full: OracleFolder? = {
    let named = ProcessInfo.processInfo.environment["TRIBUTARY_ORACLE"]
    let path = named ?? repository + "/.build-oracle/full"
    let isComplete = models.allSatisfy {
      FileManager.default.fileExists(atPath: "\(path)/\($0).safetensors")
    }
    return named != nil || isComplete ? OracleFolder(path: path) : nil
  }()

  /// The folder with Package.swift.
  static let repository = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  /// The names of the models' files: normalization, and clip or slices; or layers.
  static let models = [
    "none-none", "none-value", "none-norm", "batch-none", "batch-value", "batch-norm",
    "batch-slices", "frozen-none", "frozen-value", "frozen-norm", "layers-2", "layers-3",
  ]

  /// Reads a file by its name without extension.
  func file(_ name: String) throws -> Safetensors {
    try Safetensors.read(path: "\(path)/\(name).safetensors")
  }

  /// Reads a model's file.
  func model(_ name: String) throws -> OracleModel { try OracleModel(file(name)) }
}
