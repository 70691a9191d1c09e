import Foundation
import Numerics
import TestSupport
import Testing

/// Servers that are killed at random and resumed do not change the result of a run.
@Suite(.serialized, .limit(minutes: 3))
struct ChaosServerTests {
  private func checkpoints(_ server: Server) throws -> [String] {
    let path = server.folder.file("\(server.run)/checkpoints")
    return try FileManager.default.contentsOfDirectory(atPath: path)
      .filter { $0.hasPrefix("step-") && $0.hasSuffix(".safetensors") }
      .sorted { step(of: $0) < step(of: $1) }
  }

  private func step(of checkpoint: String) -> Int {
    Int(checkpoint.dropFirst("step-".count).prefix { $0.isNumber }) ?? -1
  }

  private func kill(_ server: Server) async throws {
    server.program.send(SIGKILL)
    #expect(try await server.program.end().status == 128 + SIGKILL)
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func aServerThatIsKilledAtRandomIsResumedByHand(seed: UInt64) async throws {
    var random = RandomSource(seed: seed, stream: 2)
    var server = try await Server.impatient(in: Training.folder())
    let workers = try ["left", "right"].map { try server.worker($0) }
    for _ in 1...3 where try await server.makes(Int(random.below(160))) {
      try await Task.sleep(for: .milliseconds(Int(random.below(30))))
      guard server.program.isRunning else { break }
      try await kill(server)
      // On a busy machine the run may be complete before the kill.
      guard !server.folder.exists("\(server.run)/report.json") else {
        try await expectUndisturbed(server.folder, run: server.run)
        return
      }
      // Or the state after its last step is stored, and the workers may have left.
      guard !server.folder.exists("\(server.run)/checkpoints/step-600.safetensors") else {
        let end = try await run("train --resume \(server.run) --insecure", in: server.folder)
        #expect(end.status == 0, "\(end.errors)")
        try await expectUndisturbed(server.folder, run: server.run)
        return
      }
      server = try await server.successor()
    }
    try await server.expectUndisturbedEnd(of: workers)
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func randomChaosEventsForAllProcessesDoNotChangeTheResult(seed: UInt64) async throws {
    var random = RandomSource(seed: seed, stream: 3)
    let actions = [
      "kill:server", "restart:server", "kill:worker:1", "kill:worker:2", "kill:worker:3",
      "term:worker:1",
    ]
    var events = (0..<6).map { _ in
      "\(actions[Int(random.below(6))])@\(random.below(598) + 1)"
    }
    events.append("stop:worker:\(random.below(3) + 1)@\(random.below(500) + 1)+1.5s")
    events.append("restart:server@\(random.below(500) + 1)")
    let folder = try Training.folder()
    let end = try await run(
      "train \(Training.options) --run run --workers 3 --worker-timeout 1 --checkpoint-every 25"
        + " --chaos \(events.joined(separator: ","))", in: folder)
    #expect(end.status == 0, "\(events): \(end.errors)")
    let endpoint = try folder.text("run/endpoint").trimmingCharacters(in: .newlines)
    #expect(processes(mentioning: endpoint).isEmpty)
    try await expectUndisturbed(folder, run: "run")
  }

  @Test(arguments: [0.0, 0.3, 0.999])
  func aTornCheckpointIsSkippedForTheOneBeforeIt(part: Double) async throws {
    let first = try await Server.impatient(in: Training.folder())
    let worker = try first.worker("only")
    #expect(try await first.makes(200))
    try await kill(first)
    let names = try checkpoints(first)
    try #require(names.count >= 2)
    let torn = "served/checkpoints/" + names[names.count - 1]
    let bytes = try first.folder.read(torn)
    try first.folder.write(bytes.prefix(Int(part * Double(bytes.count))), torn)
    let second = try await first.successor()
    #expect(second.program.errors.contains("checkpoint cannot be used  error=\(torn): "))
    let before = step(of: names[names.count - 2])
    #expect(
      second.program.errors.contains("run resumes  run=served  step=\(before)\n"),
      "\(second.program.errors)")
    try await second.expectUndisturbedEnd(of: [worker])
  }

  @Test func aServerAndItsWorkersAreKilledTogether() async throws {
    var server = try await Server.impatient(in: Training.folder())
    for _ in 0..<2 {
      let workers = try ["left", "right"].map { try server.worker($0) }
      #expect(try await server.makes(150))
      for process in workers + [server.program] { process.send(SIGKILL) }
      for process in workers + [server.program] {
        #expect(try await process.end().status == 128 + SIGKILL)
      }
      server = try await server.successor()
    }
    try await server.expectUndisturbedEnd(of: [server.worker("survivor")])
  }
}
