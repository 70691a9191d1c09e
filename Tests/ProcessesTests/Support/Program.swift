import Foundation
import TestSupport
import Testing

/// The time limit for an expected event, far longer than it takes.
let patience = Duration.seconds(Sanitizer.current == nil ? 60 : 300)

/// The same limit for a poller.
let patienceMilliseconds = Int(patience / .milliseconds(1))

/// Splits a line into arguments at its spaces.
func words(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }

/// Calls `answer` repeatedly until it returns a value.
///
/// - Throws: a failed requirement, with `what` in its comment, if `limit` passes without a value.
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

/// A process of the built program, started as a user starts it.
///
/// Its output goes to files in a folder, which this value retains. The process is killed when this
/// value is released.
final class Program {
  /// The end of the program.
  struct End {
    /// The exit code, or 128 and the number of the signal that ended the program.
    let status: Int32
    let output: String
    let errors: String

    /// The lines on standard error; those of different processes are in any order.
    var errorLines: [Substring] { errors.split(separator: "\n") }

    /// Whether a line on standard error begins with `start`.
    func hasErrorLine(_ start: String) -> Bool { errorLines.contains { $0.hasPrefix(start) } }
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
    // Foundation never releases a process that has run, nor its handles; hundreds of tests would
    // exceed the limit of open files.
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
    if isRunning { send(SIGKILL) }
    closeInput()
  }

  /// The program, which the build puts into the folder of the tests.
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
  var isRunning: Bool { status == nil }

  /// The exit code, or 128 and the number of the signal that ended the program; nil while it runs.
  ///
  /// Foundation notices the end of a process late if another one, started at the same time, has
  /// inherited the descriptor that it watches; the system is asked instead.
  private var status: Int32? {
    var info = siginfo_t()
    guard waitid(P_PID, id_t(identifier), &info, WEXITED | WNOHANG | WNOWAIT) == 0 else {
      // Foundation has collected the status.
      guard !process.isRunning else { return nil }
      return process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0)
    }
    let child = info._sifields._sigchld
    guard child.si_pid == identifier else { return nil }
    return child.si_status + (info.si_code == CLD_EXITED ? 0 : 128)
  }

  /// The text on standard output so far.
  var output: String { text(outputPath) }

  /// The text on standard error so far.
  var errors: String { text(errorPath) }

  func send(_ signal: Int32) { kill(identifier, signal) }

  /// Writes a line to its standard input.
  func write(line: String) throws {
    try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8))
  }

  func closeInput() { try? input.fileHandleForWriting.close() }

  /// The number of times that standard error contains a text so far.
  func count(of text: String) -> Int { errors.components(separatedBy: text).count - 1 }

  /// Waits until standard error contains a text, at least this many times.
  func prints(
    _ text: String, times: Int = 1, within limit: Duration = patience
  ) async throws {
    _ = try await eventually("'\(text)' \(times) times in: \(errors)", within: limit) {
      count(of: text) >= times ? true : nil
    }
  }

  /// Waits until the program has ended.
  func end(within limit: Duration = patience) async throws -> End {
    let status = try await eventually(
      "end of \(process.arguments ?? []): \(errors)", within: limit
    ) { () -> Int32? in self.status }
    return End(status: status, output: output, errors: errors)
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

/// Returns the processes of this host, except this one, whose arguments contain `text`.
func processes(mentioning text: String) -> [Int32] {
  let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
  return entries.compactMap { Int32($0) }.filter { identifier in
    guard identifier != getpid(),
      let line = FileManager.default.contents(atPath: "/proc/\(identifier)/cmdline")
    else { return false }
    return String(decoding: line, as: UTF8.self).contains(text)
  }
}

/// Returns the workers of a training on this host.
func workers(of endpoint: String) -> [Int32] {
  processes(mentioning: "--connect\0\(endpoint)\0")
}

/// Returns the server of a training on this host, if it is running.
func server(of endpoint: String) -> Int32? {
  processes(mentioning: "server\0--listen=\(endpoint)\0").first
}
