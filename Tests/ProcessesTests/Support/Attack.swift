import Foundation
import TestSupport
import Testing

/// The programs in scripts/robustness that attack a server.
enum Attack {
  static let scripts = Repository.path("scripts/robustness")

  /// Starts `attacks` with one attack on an endpoint; its counts are one line of JSON.
  static func start(
    _ name: String, _ options: String, on endpoint: String, in folder: TemporaryFolder
  ) throws -> Program {
    try python("attacks", [name, endpoint, "--json"] + words(options), in: folder)
  }

  /// Runs `attacks` as above to its end, and returns the counts.
  static func run(_ name: String, _ options: String, on server: Server) async throws
    -> [String: Any]
  {
    let end = try await start(name, options, on: server.endpoint, in: server.folder).end()
    try #require(end.status == 0, "\(end.errors)")
    return try JSON.object(end.output)
  }

  /// Starts one of the scripts with a Python interpreter.
  static func python(
    _ script: String, _ arguments: [String], interpreter: String = "python3",
    in folder: TemporaryFolder
  ) throws -> Program {
    try Program(
      [interpreter, "\(scripts)/\(script)"] + arguments, in: folder,
      environment: ["PYTHONDONTWRITEBYTECODE": "1"],
      executable: URL(fileURLWithPath: "/usr/bin/env"))
  }

  /// Expects that the greatest resident memory of a running program has grown by less than `bound`
  /// MB. The allocators of sanitizers keep freed memory, so they have no such bound.
  static func expectGrowth(
    of program: Program, from before: Int, below bound: Int,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    guard !Sanitizer.replacesAllocator else { return }
    let growth = try peakMemory(of: program) - before
    #expect(growth < bound, sourceLocation: sourceLocation)
  }

  /// The greatest resident memory of a running program in MB.
  static func peakMemory(of program: Program) throws -> Int {
    let status = try String(
      contentsOfFile: "/proc/\(program.identifier)/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
    return try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) }) / 1024
  }
}
