import Foundation
import TestSupport
import Testing

/// A server whose standard input is the control channel of its launcher.
@Suite(.serialized, .limit(minutes: 2))
struct LaunchedServerTests {
  private let folder: TemporaryFolder

  init() throws { folder = try Training.folder() }

  private func server(
    _ options: String = "", settings: String = Training.endless
  ) async throws -> (Program, endpoint: String) {
    let server = try Program(
      "server \(settings) --listen ipc://\(folder.file("socket")) --run run --verbose"
        + " --end-with-input \(options)", in: folder)
    try await server.prints("server is listening")
    return (server, try folder.text("run/endpoint").trimmingCharacters(in: .newlines))
  }

  private func worker(_ endpoint: String) throws -> Program {
    try Program("worker --connect \(endpoint) --data shapes", in: folder)
  }

  @Test func theEndOfTheChannelStopsTheServerInOrder() async throws {
    let (server, endpoint) = try await server()
    let worker = try worker(endpoint)
    try await server.prints("Minibatch loss=")
    server.closeInput()
    let end = try await server.end()
    #expect(end.status == 143, "\(end.errors)")
    #expect(end.hasErrorLine("tributary: stopped by SIGTERM after "))
    worker.send(SIGTERM)
    #expect(try await worker.end().status == 143)
    #expect(try folder.json("run/report.json")["outcome"] as? String == "stopped")
  }

  @Test func aChannelThatIsClosedFromTheStartStopsTheServer() async throws {
    let program = try Program(
      "server \(Training.options) --listen ipc://\(folder.file("socket")) --run run"
        + " --end-with-input", in: folder)
    program.closeInput()
    #expect(try await program.end().status == 143)
  }

  @Test func afterExhaustedTheServerEndsWithItsLastWorker() async throws {
    let (server, endpoint) = try await server()
    let worker = try worker(endpoint)
    try await server.prints("Minibatch loss=")
    try server.write(line: "exhausted")
    let lines = server.count(of: "Minibatch loss=")
    try await server.prints("Minibatch loss=", times: lines + 1)
    worker.send(SIGKILL)
    let end = try await server.end()
    #expect(end.status == 75, "\(end.errors)")
    #expect(end.hasErrorLine("tributary: all workers exited"))
  }

  @Test func unknownLinesAreIgnored() async throws {
    let (server, endpoint) = try await server(settings: Training.options)
    for line in ["", "hello", "step 5", "exhausted?", String(repeating: "exhausted ", count: 9999)]
    { try server.write(line: line) }
    let worker = try worker(endpoint)
    #expect(try await server.end().status == 0)
    #expect(try await worker.end().status == 0)
  }

  /// The previous server may have crashed after it wrote the last file.
  @Test func aRestartedServerReportsACompleteRun() async throws {
    let options = Training.options.replacing("--steps 600", with: "--steps 20")
    let first = try await run("train \(options) --run done", in: folder)
    #expect(first.status == 0, "\(first.errors)")
    let model = try folder.read("done/model.safetensors")
    let call = "server --resume done --data shapes --listen ipc://\(folder.file("socket"))"
    #expect(try await run(call, in: folder).status == 0)
    let end = try await run("\(call) --started-again --json", in: folder)
    #expect(end.status == 0, "\(end.errors)")
    #expect(try folder.text("done/report.json") == end.output)
    #expect(try folder.json("done/report.json")["outcome"] as? String == "completed")
    #expect(try folder.read("done/model.safetensors") == model)
  }

  @Test func standardInputThatIsNoSocketGetsNoSteps() async throws {
    let (server, endpoint) = try await server("--announce-steps", settings: Training.options)
    let worker = try worker(endpoint)
    #expect(try await server.end().status == 0)
    #expect(try await worker.end().status == 0)
    #expect(try await folder.read("run/model.safetensors") == Training.reference)
  }
}
