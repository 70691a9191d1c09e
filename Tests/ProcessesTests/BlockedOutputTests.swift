import Foundation
import TestSupport
import Testing

/// Processes whose standard error is a full pipe that is not read, like a terminal that is stopped.
@Suite(.serialized, .limit(minutes: 2))
struct BlockedOutputTests {
  /// Makes standard error a pipe that is full and stays open, then runs the program.
  private static let blocked = """
    pipe=".pipe-$$"; mkfifo "$pipe"; exec 2<>"$pipe"
    dd if=/dev/zero of="$pipe" oflag=nonblock bs=1024 2>/dev/null
    exec "$@"
    """

  private func start(_ line: String, in folder: TemporaryFolder) throws -> Program {
    let arguments = ["-c", Self.blocked, "sh", try Program.executable.path] + words(line)
    return try Program(arguments, in: folder, executable: URL(fileURLWithPath: "/bin/sh"))
  }

  @Test func aTrainingCompletes() async throws {
    let folder = try Training.folder()
    let options = Training.options + " --verbose --run run"
    let end = try await start("train \(options) --workers 2", in: folder).end()
    #expect(end.status == 0)
    #expect(end.output.contains("accuracy"))
    #expect(try await folder.read("run/model.safetensors") == Training.reference)
  }

  @Test func aServerAndItsWorkerComplete() async throws {
    let folder = try Training.folder()
    let options = "\(Training.options) --verbose --run run --listen tcp://127.0.0.1:0 --insecure"
    let server = try start("server \(options)", in: folder)
    let endpoint = try await eventually("the endpoint") { try? folder.text("run/endpoint") }
      .trimmingCharacters(in: .newlines)
    let worker = try start("worker --data shapes --connect \(endpoint)", in: folder)
    #expect(try await server.end().status == 0)
    #expect(try await worker.end().status == 0)
    #expect(try await folder.read("run/model.safetensors") == Training.reference)
  }

  @Test func anErrorEndsTheProcess() async throws {
    let folder = try TemporaryFolder()
    let end = try await start("evaluate --data generated:300 missing", in: folder).end()
    #expect(end.status == 74)
  }
}
