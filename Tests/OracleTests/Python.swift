import Foundation
import TestSupport

/// The Python interpreter with PyTorch.
enum Python {
  /// The path of the interpreter specified by `TRIBUTARY_ORACLE_PYTHON`, or else of the one
  /// installed by scripts/oracle/setup; nil if it cannot import torch and safetensors.
  static let withTorch: String? = {
    let named = ProcessInfo.processInfo.environment["TRIBUTARY_ORACLE_PYTHON"]
    let path = named ?? Repository.path(".build-oracle/python/bin/python")
    let command = Command.python(["-c", "import torch, safetensors"], interpreter: path)
    return command.output() == nil ? nil : path
  }()
}
