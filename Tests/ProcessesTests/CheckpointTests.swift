import Foundation
import TestSupport
import Testing

/// The checkpoints of a run, and the lock of its folder.
@Suite(.serialized, .limit(minutes: 2))
struct CheckpointTests {
  private static let limiter = "/usr/bin/prlimit"

  private func checkpoints(_ server: Server) -> [String] {
    let path = server.folder.file("\(server.run)/checkpoints")
    return (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? []
  }

  @Test func aNewRunHasACheckpointBeforeWorkersJoin() async throws {
    let server = try await Server(in: Training.folder())
    #expect(checkpoints(server) == ["step-0.safetensors"])
  }

  @Test func aFolderThatHoldsARunIsRefused() async throws {
    let folder = try Training.folder()
    let first = try await run(
      "train \(Training.options) --steps 20 --run run".replacing(
        "--steps 600 ", with: ""), in: folder)
    #expect(first.status == 0, "\(first.errors)")
    for command in ["train", "server"] {
      let call = WrongCall(
        "\(command) \(Training.options) --run run", "run holds a run", "--resume run", "--run")
      try await call.check(status: 78, in: folder)
    }
    #expect(try folder.json("run/report.json")["steps"] as? Int == 20)
  }

  @Test func aFolderInUseIsRefusedUntilItsServerExits() async throws {
    let folder = try Training.folder()
    let server = try await Server(Training.endless, in: folder)
    let call = WrongCall(
      "server \(Training.options) --run served", "served is in use",
      "process id \(server.program.identifier);")
    try await call.check(status: 75, in: folder)
    #expect(server.program.isRunning)
    server.program.send(SIGKILL)
    #expect(try await server.program.end().status == 128 + SIGKILL)
    try await WrongCall("server \(Training.options) --run served", "holds a run")
      .check(status: 78, in: folder)
  }

  @Test func theFinalStateOfARunIsStored() async throws {
    let server = try await Server(Training.endless, in: Training.folder())
    let worker = try server.worker("only")
    try await server.makesUpdates()
    server.program.send(SIGTERM)
    #expect(try await server.program.end().status == 143)
    worker.send(SIGTERM)
    #expect(try await worker.end().status == 143)
    let steps = try #require(try server.folder.json("served/report.json")["steps"] as? Int)
    #expect(checkpoints(server) == ["step-0.safetensors", "step-\(steps).safetensors"])
  }

  /// A limit on the size of files has the effect of a full disk, also for root.
  @Test(.enabled(if: FileManager.default.fileExists(atPath: limiter)))
  func aRunContinuesIfItsStateCannotBeWritten() async throws {
    // A model so large that only its checkpoints pass the limit.
    let options = Training.endless.replacing("--units 6", with: "--units 64")
    let server = try await Server(options, in: Training.folder())
    let size = try server.folder.read("served/checkpoints/step-0.safetensors").count
    let limit = try Process.run(
      URL(fileURLWithPath: Self.limiter),
      arguments: ["--pid", "\(server.program.identifier)", "--fsize=\(size - 100)"])
    limit.waitUntilExit()
    try #require(limit.terminationStatus == 0)
    let worker = try server.worker("only")
    try await server.makesUpdates()
    server.program.send(SIGTERM)
    let end = try await server.program.end()
    #expect(end.status == 143, "\(end.errors)")
    #expect(end.errors.contains("error: checkpoint cannot be written"), "\(end.errors)")
    #expect(end.errors.contains("writing failed (File too large)"), "\(end.errors)")
    #expect(checkpoints(server) == ["step-0.safetensors"])
    worker.send(SIGTERM)
    #expect(try await worker.end().status == 143)
    #expect(try !server.model.isEmpty)
  }
}
