import Foundation

/// An external program with its arguments, run to its end.
package struct Command: Sendable {
  /// The end of a program.
  package struct Outcome: Sendable {
    /// The exit code, or 128 and the number of the signal that ended the program.
    package let status: Int32
    /// The text on standard output.
    package let output: String
    /// The text on standard error.
    package let errors: String

    /// The lines on standard output that are not empty.
    package var lines: [String] { output.split(separator: "\n").map(String.init) }
  }

  private let words: [String]
  private let environment: [String: String]
  private let folder: String?

  /// Creates a command.
  ///
  /// - Parameters:
  ///   - program: the path of the program, or its name if it is in a folder of `PATH`.
  ///   - folder: the working folder; that of the tests if nil.
  ///   - environment: variables in addition to those of the tests.
  package init(
    _ program: String, _ arguments: [String] = [], in folder: String? = nil,
    environment: [String: String] = [:]
  ) {
    words = [program] + arguments
    self.folder = folder
    self.environment = Self.environment(adding: environment)
  }

  /// Creates a command that runs Python, which writes no compiled files.
  package static func python(
    _ arguments: [String], interpreter: String = "python3"
  ) -> Command {
    Command(interpreter, arguments, environment: ["PYTHONDONTWRITEBYTECODE": "1"])
  }

  /// Returns the environment of the tests with more variables, and without `MNIST_DIR`: programs
  /// under test use MNIST only where a test asks for it.
  package static func environment(adding variables: [String: String] = [:]) -> [String: String] {
    ProcessInfo.processInfo.environment.filter { $0.key != "MNIST_DIR" }
      .merging(variables) { $1 }
  }

  /// Runs the command and waits for its end.
  ///
  /// The output goes to files, so that neither a full pipe nor a child that keeps it open blocks.
  /// A program that cannot be found has the status 127.
  package func run() throws -> Outcome {
    let files = try TemporaryFolder()
    let handles = try ["output", "errors"].map {
      try FileHandle(forWritingTo: URL(fileURLWithPath: files.write([], $0)))
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    process.environment = environment
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = handles[0]
    process.standardError = handles[1]
    try process.run()
    process.waitUntilExit()
    for handle in handles { try handle.close() }
    let signal: Int32 = process.terminationReason == .uncaughtSignal ? 128 : 0
    return Outcome(
      status: process.terminationStatus + signal, output: try files.text("output"),
      errors: try files.text("errors"))
  }

  /// Runs the command and returns its standard output; nil if it fails.
  package func output() -> String? {
    guard let outcome = try? run(), outcome.status == 0 else { return nil }
    return outcome.output
  }
}
