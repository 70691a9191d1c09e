import Foundation
import Storage

/// A process that this one has started. Outputs go where those of this process go.
final class ChildProcess {
  private let process = Process()

  /// The path of the running program; its children are to carry its name.
  static var thisProgram: String {
    let link = "/proc/self/exe"
    let path = try? FileManager.default.destinationOfSymbolicLink(atPath: link)
    guard let path, FileManager.default.isExecutableFile(atPath: path) else { return link }
    return path
  }

  /// Starts `program`, which reads `input`.
  ///
  /// - Throws: ``ProcessError/launch(name:reason:)``.
  init(
    _ name: String, program: String, arguments: [String], input: FileHandle
  ) throws(ProcessError) {
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardInput = input
    do {
      try process.run()
    } catch {
      throw .launch(name: name, reason: SystemReason.text(of: error))
    }
  }

  /// Whether it has not ended.
  var isRunning: Bool { process.isRunning }

  /// How it ended; nil while it runs.
  var ending: ChildEnding? {
    guard !process.isRunning else { return nil }
    switch process.terminationReason {
    case .exit: return .exited(process.terminationStatus)
    default: return .killed(signal: process.terminationStatus)
    }
  }

  /// Sends a signal, if it has not ended.
  func send(_ signal: Int32) {
    if process.isRunning { kill(process.processIdentifier, signal) }
  }
}
