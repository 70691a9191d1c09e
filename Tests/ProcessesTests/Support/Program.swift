import Foundation
import TestSupport
import Testing

/// How long a test waits for what must come; far longer than it takes.
let patience = Duration.seconds(60)

/// One line of arguments, split at spaces.
func words(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }

/// Asks again and again until there is an answer.
///
/// - Throws: a failed requirement, with `what` in its comment, when `limit` is over.
func eventually<Value>(
  _ what: @autoclosure () -> Comment, within limit: Duration = patience,
  _ answer: () throws -> Value?
) async throws -> Value {
  let end = ContinuousClock.now + limit
  while ContinuousClock.now < end {
    if let value = try answer() { return value }
    try await Task.sleep(for: .milliseconds(5))
  }
  return try #require(try answer(), "not in time: \(what())")
}

/// The built program, run as a user runs it: it writes into files, and is killed with this value.
/// Its folder stays as long.
final class Program {
  /// How the program ended and what it said.
  struct End {
    /// The exit code; 128 and the signal's number for a program that a signal ended.
    let status: Int32
    let output: String
    let errors: String

    /// The lines on standard error.
    var errorLines: [Substring] { errors.split(separator: "\n") }
  }

  private let process = Process()
  private let folder: TemporaryFolder
  private let outputPath: String
  private let errorPath: String
  private let input = Pipe()

  /// Starts the program with these arguments, in `folder`.
  ///
  /// - Parameters:
  ///   - nohup: whether SIGHUP is ignored from the beginning.
  ///   - executable: another program to run, such as a shell that starts this one.
  init(
    _ arguments: [String], in folder: TemporaryFolder, environment: [String: String] = [:],
    nohup: Bool = false, executable: URL? = nil
  ) throws {
    self.folder = folder
    let number = UInt32.random(in: 0 ... .max)
    outputPath = try folder.write([], ".output-\(number)")
    errorPath = try folder.write([], ".errors-\(number)")
    let executable = try executable ?? Self.executable
    let shell = ["-c", "trap '' HUP; exec \"$0\" \"$@\"", executable.path]
    process.executableURL = nohup ? URL(fileURLWithPath: "/bin/sh") : executable
    process.arguments = (nohup ? shell : []) + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    process.environment = Command.environment(adding: environment)
    let output = FileHandle(forWritingAtPath: outputPath)
    let errors = FileHandle(forWritingAtPath: errorPath)
    process.standardInput = input.fileHandleForReading
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    // Foundation never lets go of a process that has run, nor of its handles; hundreds of tests
    // would open more than a thousand files.
    for handle in [input.fileHandleForReading, output, errors] { try? handle?.close() }
  }

  /// Starts the program with the words of `line`, in `folder`.
  convenience init(
    _ line: String, in folder: TemporaryFolder, environment: [String: String] = [:],
    nohup: Bool = false
  ) throws {
    try self.init(words(line), in: folder, environment: environment, nohup: nohup)
  }

  deinit {
    if process.isRunning { send(SIGKILL) }
    closeInput()
  }

  /// The program that was built with the tests, which lies beside them.
  static var executable: URL {
    get throws {
      let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      let program = URL(fileURLWithPath: tests).deletingLastPathComponent()
        .appendingPathComponent("tributary")
      try #require(FileManager.default.isExecutableFile(atPath: program.path))
      return program
    }
  }

  var identifier: Int32 { process.processIdentifier }
  var isRunning: Bool { process.isRunning }

  /// What it has written to standard output so far.
  var output: String { text(outputPath) }

  /// What it has written to standard error so far.
  var errors: String { text(errorPath) }

  func send(_ signal: Int32) { kill(identifier, signal) }

  /// Writes a line to its standard input.
  func tell(_ line: String) throws {
    try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8))
  }

  func closeInput() { try? input.fileHandleForWriting.close() }

  /// Waits until standard error has a text.
  func says(_ text: String, within limit: Duration = patience) async throws {
    _ = try await eventually("'\(text)' in: \(errors)", within: limit) {
      errors.contains(text) ? true : nil
    }
  }

  /// Waits for its end.
  func end(within limit: Duration = patience) async throws -> End {
    _ = try await eventually("end of \(process.arguments ?? []): \(errors)", within: limit) {
      process.isRunning ? nil : true
    }
    let isSignalled = process.terminationReason == .uncaughtSignal
    return End(
      status: process.terminationStatus + (isSignalled ? 128 : 0), output: output, errors: errors)
  }

  private func text(_ path: String) -> String {
    String(decoding: (try? Data(contentsOf: URL(fileURLWithPath: path))) ?? Data(), as: UTF8.self)
  }
}

/// Runs the program to its end.
func run(
  _ arguments: [String], in folder: TemporaryFolder, environment: [String: String] = [:]
) async throws -> Program.End {
  try await Program(arguments, in: folder, environment: environment).end()
}

/// Runs the program with the words of `line` to its end.
func run(
  _ line: String, in folder: TemporaryFolder, environment: [String: String] = [:]
) async throws -> Program.End {
  try await run(words(line), in: folder, environment: environment)
}

/// The processes of this host whose arguments contain `text`, this one left out.
func processes(mentioning text: String) -> [Int32] {
  let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
  return entries.compactMap { Int32($0) }.filter { identifier in
    guard identifier != getpid(),
      let line = FileManager.default.contents(atPath: "/proc/\(identifier)/cmdline")
    else { return false }
    return String(decoding: line, as: UTF8.self).contains(text)
  }
}

/// The workers of a training on this host.
func workers(of endpoint: String) -> [Int32] {
  processes(mentioning: "--connect\0\(endpoint)\0")
}

/// The server of a training on this host, if it runs.
func server(of endpoint: String) -> Int32? {
  processes(mentioning: "server\0--listen=\(endpoint)\0").first
}
