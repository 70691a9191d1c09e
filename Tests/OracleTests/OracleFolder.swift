import Foundation
import Storage
import TestSupport

/// A folder of files that scripts/oracle/fixtures.py computed with TensorFlow.
struct OracleFolder: Sendable {
  let path: String

  /// The files of small models, which are part of the repository.
  static let small = OracleFolder(path: Bundle.module.bundlePath + "/Fixtures")

  /// The files of full-size models, in the folder specified by `TRIBUTARY_ORACLE` or in the default
  /// folder of scripts/oracle/setup; nil if the latter is incomplete.
  static let full: OracleFolder? = {
    let named = ProcessInfo.processInfo.environment["TRIBUTARY_ORACLE"]
    let path = named ?? Repository.path(".build-oracle/full")
    let isComplete = models.allSatisfy {
      FileManager.default.fileExists(atPath: "\(path)/\($0).safetensors")
    }
    return named != nil || isComplete ? OracleFolder(path: path) : nil
  }()

  /// The names of the models' files: normalization and clip or slices, or the number of layers.
  static let models = [
    "none-none", "none-value", "none-norm", "batch-none", "batch-value", "batch-norm",
    "batch-slices", "frozen-none", "frozen-value", "frozen-norm", "layers-2", "layers-3",
  ]

  /// Reads the file with the given name without extension.
  func file(_ name: String) throws -> Safetensors {
    try Safetensors.read(path: "\(path)/\(name).safetensors")
  }

  /// Reads the file of a model.
  func model(_ name: String) throws -> OracleModel { try OracleModel(file(name)) }
}
