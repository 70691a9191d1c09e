import Foundation
import TestSupport
import Testing

/// A server with few descriptors and more connections than these.
@Suite(.serialized, .limit(minutes: 2))
struct DescriptorTests {
  private func server(_ options: String, in folder: TemporaryFolder) async throws -> Server {
    let arguments = [
      "-c", "ulimit -n 128; exec \"$@\"", "sh", try Program.executable.path,
    ]
    let line = "server \(options) --verbose --run served --listen tcp://127.0.0.1:0 --insecure"
    let program = try Program(
      arguments + words(line), in: folder, executable: URL(fileURLWithPath: "/bin/sh"))
    return try await Server(program, run: "served", in: folder)
  }

  @Test func idleConnectionsLeaveRoomForCheckpointsAndTheModel() async throws {
    let options = Training.options + " --checkpoint-every 20"
    let server = try await server(options, in: Training.folder())
    let idle = try (0..<140).map { _ in try RawConnection(server.endpoint) }
    let worker = try server.worker("honest")
    let end = try await server.program.end()
    #expect(end.status == 0, "\(end.errors)")
    #expect(try await worker.end().status == 0)
    #expect(!end.errors.contains("cannot be written"), "\(end.errors)")
    #expect(end.errors.contains("kind=crowd"), "\(end.errors)")
    #expect(try await server.model == Training.reference)
    #expect(try server.folder.names("served/checkpoints").contains("step-600.safetensors"))
    withExtendedLifetime(idle) {}
  }

  /// The soft limit of a shell is often far below the hard one.
  @Test func theSoftLimitIsRaised() async throws {
    let folder = try Training.folder()
    let arguments = [
      "-c", "ulimit -S -n 64; exec \"$@\"", "sh", try Program.executable.path,
    ]
    let command = "server \(Training.options) --run served --listen tcp://127.0.0.1:0 --insecure"
    let program = try Program(
      arguments + words(command), in: folder, executable: URL(fileURLWithPath: "/bin/sh"))
    let server = try await Server(program, run: "served", in: folder)
    let limits = try String(
      contentsOfFile: "/proc/\(server.program.identifier)/limits", encoding: .utf8)
    let line = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max open files") })
    let soft = try #require(line.split(separator: " ").compactMap { Int($0) }.first)
    #expect(soft > 64)
  }
}
