import Foundation
import TestSupport
import Testing

/// The health of a server for supervisors: the real programs.
@Suite(.serialized, .limit(minutes: 3))
struct HealthTests {
  private static let option = " --health 127.0.0.1:0"

  /// Waits for an answer to a request.
  private func expect(
    _ path: String, _ status: Int, _ content: String, of client: WebClient
  ) async throws {
    let wanted = WebClient.Answer(status: status, content: content + "\n")
    _ = try await eventually("\(path) answers \(wanted)") {
      try client.get(path) == wanted ? true : nil
    }
  }

  @Test func aServerIsReadyOnceItHasEnoughWorkers() async throws {
    let folder = try Training.folder()
    let server = try await Server(
      Training.endless + Self.option + " --start-with 2 --min-workers 2", hasKeys: true, in: folder)
    let client = try await WebClient(server.program)
    try await expect("/healthz", 200, "ok", of: client)
    try await expect("/readyz", 503, "waiting for workers: 0 of 2 are ready", of: client)
    let first = try server.worker("first", "--data shapes")
    try await expect("/readyz", 503, "waiting for workers: 1 of 2 are ready", of: client)
    let second = try server.worker("second", "--data shapes")
    try await expect("/readyz", 200, "ok", of: client)
    second.send(SIGKILL)
    try await expect("/readyz", 503, "waiting for workers: 1 of 2 are ready", of: client)
    #expect(try client.get("/healthz")?.status == 200)
    server.program.send(SIGTERM)
    #expect(try await server.program.end().status == 143)
    first.send(SIGKILL)
    #expect(Loopback.connect(client.port) == nil)
  }

  @Test func theServerOfTrainHasTheEndpoint() async throws {
    let folder = try Training.folder()
    let program = try Program(
      "train \(Training.endless) --workers 1 --run r\(Self.option)", in: folder)
    let client = try await WebClient(program)
    try await expect("/readyz", 200, "ok", of: client)
    program.send(SIGTERM)
    #expect(try await program.end().status == 143)
  }

  @Test func aPortInUseIsNamedBeforeTheTrainingBegins() async throws {
    let folder = try Training.folder()
    let (listener, port) = try Loopback.listen()
    defer { close(listener) }
    for command in ["server --listen ipc://socket", "train --workers 1 --restarts 0"] {
      let end = try await run(
        "\(command) \(Training.options) --run r --health tcp://127.0.0.1:\(port)", in: folder)
      #expect(end.status == 75, "\(end.errors)")
      #expect(end.errors.contains("--health tcp://127.0.0.1:\(port): the port is in use"))
      #expect(!folder.exists("r/endpoint") && !folder.exists("r/checkpoints"))
    }
  }

  @Test(arguments: ["nonsense", "http://127.0.0.1:80", "127.0.0.1:99999", "ipc://file"])
  func anotherEndpointIsRefused(text: String) async throws {
    for command in ["server", "train"] {
      let end = try await run("\(command) --health \(text)", in: TemporaryFolder())
      #expect(end.status == 64 && end.errors.contains("--health cannot be '\(text)'"))
    }
  }

  /// Peers of the health endpoint that do not follow the rules change neither the model, nor the
  /// memory or the descriptors of the server.
  @Test func anAttackOnTheEndpointLeavesTheTrainingAlone() async throws {
    let folder = try Training.folder()
    let server = try await Server(Training.options + Self.option, hasKeys: true, in: folder)
    let client = try await WebClient(server.program)
    let slow = try server.worker("slow", "--data shapes --slow-down 150")
    try await server.makesUpdates()
    let before = try (Attack.peakMemory(of: server.program), descriptors(of: server.program))
    var open: [Int32] = []
    for _ in 0..<300 {
      let descriptor = try #require(Loopback.connect(client.port))
      Loopback.send("GET /healthz HTTP/1.1\r\nA: ".utf8, to: descriptor)
      open.append(descriptor)
    }
    #expect(try descriptors(of: server.program) - before.1 < 50)
    let chunk = [UInt8](repeating: 0x61, count: 1 << 16)
    for descriptor in open {  // each is closed long before all of it has arrived
      for _ in 0..<100 where Loopback.send(chunk, to: descriptor) {}
      close(descriptor)
    }
    #expect(try client.get("/healthz")?.status == 200)
    try Attack.expectGrowth(of: server.program, from: before.0, below: 32)
    let quick = try server.worker("quick", "--data shapes")
    let end = try await server.program.end()
    #expect(end.status == 0, "\(end.errors.suffix(2000))")
    #expect(try await server.model == Training.reference)
    #expect(end.errors.utf8.count < 64 << 10)
    for worker in [slow, quick] { worker.send(SIGKILL) }
  }

  private func descriptors(of program: Program) throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/\(program.identifier)/fd").count
  }
}
