import Foundation
import Logging

/// The worker processes that `tributary train` starts on this host.
///
/// Each holds the reading end of a pipe as its standard input; when this process ends, however it
/// ends, the pipe closes and the workers end too.
final class LocalCluster {
  /// How workers are started.
  struct Plan {
    /// How many.
    var workers: Int
    /// The program, and its arguments before those about one worker.
    var executable: String, arguments: [String]
  }

  /// The path of the running program; its workers are to carry its name.
  static var thisProgram: String {
    let link = "/proc/self/exe"
    let path = try? FileManager.default.destinationOfSymbolicLink(atPath: link)
    guard let path, FileManager.default.isExecutableFile(atPath: path) else { return link }
    return path
  }

  private struct Child {
    let name: String
    let process: Process
    var isEnded = false

    /// Its exit code, if it ended by itself.
    var exitCode: Int32? {
      guard !process.isRunning, process.terminationReason == .exit else { return nil }
      return process.terminationStatus
    }
  }

  private var children: [Child] = []
  private let lifeline = Pipe()
  private let logger: Logger

  /// Starts the workers of `plan`, who connect to `endpoint`.
  ///
  /// - Throws: ``ProcessError/launch(worker:reason:)``; workers that were started are ended again.
  init(_ plan: Plan, endpoint: String, logger: Logger) throws(ProcessError) {
    self.logger = logger
    for number in 1...max(plan.workers, 1) where plan.workers > 0 {
      let name = "worker-\(number)"
      let process = Process()
      process.executableURL = URL(fileURLWithPath: plan.executable)
      process.arguments =
        ["worker", "--connect", endpoint, "--name", name, "--end-with-input", "--quiet"]
        + plan.arguments
      process.standardInput = lifeline.fileHandleForReading
      do {
        try process.run()
      } catch {
        stop()
        throw .launch(worker: name, reason: error.localizedDescription)
      }
      children.append(Child(name: name, process: process))
    }
  }

  /// Looks after the workers; a text says that none is left.
  func check() -> String? {
    for index in children.indices
    where !children[index].isEnded && !children[index].process.isRunning {
      children[index].isEnded = true
      let child = children[index]
      logger.log(
        level: child.exitCode == 0 ? .debug : .warning, "worker process ended",
        metadata: [
          "worker.name": "\(child.name)",
          child.exitCode == nil ? "worker.signal" : "worker.status":
            "\(child.process.terminationStatus)",
        ])
    }
    return children.allSatisfy(\.isEnded) ? "all worker processes have ended" : nil
  }

  /// The exit code of the first worker that ended by itself with one other than 0.
  var firstFailure: Int32? {
    children.lazy.compactMap(\.exitCode).first { $0 != 0 }
  }

  /// Waits for the workers to end, which the closed pipe asks them to; those that are still there
  /// after five seconds are killed.
  func stop() {
    try? lifeline.fileHandleForWriting.close()
    let deadline = ContinuousClock.now.advanced(by: .seconds(5))
    while children.contains(where: \.process.isRunning), ContinuousClock.now < deadline {
      Thread.sleep(forTimeInterval: 0.01)
    }
    for child in children where child.process.isRunning {
      kill(child.process.processIdentifier, SIGKILL)
    }
  }
}
