import TestSupport
import Testing

/// The command `simulate`.
@Suite struct SimulateCommandTests {
  /// Returns the lines of a log without the last, which contains the time it took.
  private func log(_ line: String) async throws -> [Substring] {
    let folder = try TemporaryFolder()
    let end = try await Program(line, in: folder).end()
    #expect(end.status == 0)
    return end.output.split(separator: "\n").dropLast()
  }

  /// Swift's hashing is seeded differently in every process; an order that depends on it would
  /// differ between the logs.
  @Test func twoProcessesGiveTheSameLog() async throws {
    let line = "simulate --seed 40 --schedules 30 --log"
    let first = try await log(line)
    #expect(first.count > 3000)
    #expect(try await log(line) == first)
    #expect(first.last?.hasPrefix("seed 69: the fingerprint of the log is ") == true)
  }

  @Test(arguments: ["sync", "async", "bounded"])
  func everyModeCanBeSimulated(mode: String) async throws {
    let folder = try TemporaryFolder()
    let end = try await Program("simulate --schedules 3 --mode \(mode) --verbose", in: folder).end()
    #expect(end.status == 0)
    #expect(end.errorLines == ["seed 1", "seed 2", "seed 3"])
    #expect(end.output.hasPrefix("3 schedules, ") && end.output.contains("no rule broken"))
  }

  @Test(arguments: ["--schedules 0", "--mode often", "--seed -1"])
  func anImpossibleSimulationIsAUsageError(options: String) async throws {
    let folder = try TemporaryFolder()
    let end = try await Program("simulate \(options)", in: folder).end()
    #expect(end.status == 64 && end.errorLines.count == 1 && end.output.isEmpty)
  }
}
