import Foundation
import Storage

/// A process that this one has started. It shares standard output and standard error.
final class ChildProcess {
  private let process = Process()

  /// The path of the running program, so that its children have the same name.
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
    // The options of the launcher's environment are among its own arguments.
    process.environment = ProcessInfo.processInfo.environment.filter {
      !$0.key.hasPrefix("TRIBUTARY_") && !ServiceNotifier.variables.contains($0.key)
    }
    process.standardInput = input
    do {
      try process.run()
    } catch {
      throw .launch(name: name, reason: SystemReason.text(of: error))
    }
  }

  /// Whether the process has not ended.
  var isRunning: Bool { process.isRunning }

  /// The end of the process; nil while it runs.
  var ending: ChildEnding? {
    guard !process.isRunning else { return nil }
    switch process.terminationReason {
    case .exit: return .exited(ExitStatus(rawValue: process.terminationStatus))
    default: return .killed(signal: process.terminationStatus)
    }
  }

  /// Sends a signal, if it has not ended.
  func send(_ signal: Int32) {
    if process.isRunning { kill(process.processIdentifier, signal) }
  }
}
