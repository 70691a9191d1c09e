import Foundation
import TestSupport
import Testing

/// Trainings with a worker whose results have wrong bits: faulty memory, or another build.
@Suite(.serialized, .limit(minutes: 3))
struct AuditedTrainingTests {
  private static let audited = "--audit 0.3 --audit-replay"
  private static let faulty = "--data shapes --slow-down 4 --flip-bit-every 10"
  private static let sound = "--data shapes --slow-down 4"

  /// Checks that the faulty worker was refused, and that the rest of the run was the honest one.
  private func check(
    _ server: Program.End, faulty: Program, folder: TemporaryFolder
  ) async throws {
    #expect(server.status == 0, "\(server.errors)")
    #expect(server.hasErrorLine("error: worker is faulty"), "\(server.errors)")
    let end = try await faulty.end()
    #expect(end.status == 65, "\(end.errors)")
    #expect(end.errors.contains("audited lease"), "\(end.errors)")
    #expect(try await folder.read("served/model.safetensors") == Training.reference)
    let report = try folder.json("served/report.json")
    #expect(report["results_differing"] as? Int == 1)
    #expect(report["ledger_balanced"] as? Bool == true)
    let lines = try folder.jsonLines("served/metrics.jsonl")
    #expect(lines.filter { $0["kind"] as? String == "audit" }.count == 1)
    let steps = lines.filter { $0["kind"] as? String == "step" }
    #expect(steps.compactMap { $0["step"] as? Int } == Array(1...600))
  }

  @Test func aReplayHasTheResultOfTheHonestWorkers() async throws {
    let server = try await Server(
      "\(Training.options) \(Self.audited) --start-with 3", in: Training.folder())
    let faulty = try server.worker("faulty", Self.faulty)
    let sound = try ["first", "second"].map { try server.worker($0, Self.sound) }
    let end = try await server.program.end()
    try await check(end, faulty: faulty, folder: server.folder)
    for worker in sound { #expect(try await worker.end().status == 0) }
    #expect(end.errors.contains("run returns to earlier weights  run=served  step="))
  }

  /// The first server kept no checkpoint without the faulty worker: the initial weights are
  /// computed again from the seed. It waits, once one of the three workers that it needs is lost.
  @Test func aResumedRunReturnsToItsInitialWeights() async throws {
    let folder = try Training.folder()
    let socket = "ipc://\(folder.path)/socket"
    let first = try await Server(
      "\(Training.options) --checkpoint-every 10 --start-with 3 --min-workers 3", listen: socket,
      in: folder)
    let faulty = try first.worker("faulty", "--data shapes --slow-down 16 --flip-bit-every 10")
    let sound = try first.worker("sound")
    let lost = try first.worker("lost", "--data shapes --crash-at push:60")
    #expect(try await lost.end().status == 137)
    first.program.send(SIGKILL)
    _ = try await first.program.end()
    #expect(!folder.exists("served/checkpoints/step-0.safetensors"))
    let second = try Program(
      "server --resume served --data shapes --listen \(socket) --start-with 2 \(Self.audited)",
      in: folder)
    try await check(second.end(), faulty: faulty, folder: folder)
    #expect(try await sound.end().status == 0)
  }

  /// The wrong bits matter: nothing else finds them.
  @Test func withoutAnAuditWrongBitsChangeTheModel() async throws {
    let server = try await Server(in: Training.folder())
    let faulty = try server.worker("faulty", "--data shapes --flip-bit-every 100")
    #expect(try await server.program.end().status == 0)
    #expect(try await faulty.end().status == 0)
    #expect(try await server.model != Training.reference)
    let report = try server.folder.json("\(server.run)/report.json")
    #expect(report["ledger_balanced"] as? Bool == true)
  }

  @Test func withoutAReplayTheLogNamesTheOption() async throws {
    let server = try await Server(
      "\(Training.options) --audit 0.3 --start-with 2", in: Training.folder())
    let faulty = try server.worker("faulty", Self.faulty)
    let sound = try server.worker("sound", Self.sound)
    let end = try await server.program.end()
    #expect(end.status == 0 && end.errors.contains("--audit-replay"), "\(end.errors)")
    #expect(end.output.contains("1 result differed"), "\(end.output)")
    #expect(try await faulty.end().status == 65)
    #expect(try await sound.end().status == 0)
  }

  /// The server computes audited leases of the only worker itself.
  @Test func aTrainingWithOneWorkerIsAudited() async throws {
    let folder = try Training.folder()
    let end = try await run(
      "train \(Training.options) --workers 1 --audit 0.2 --run served", in: folder)
    #expect(end.status == 0, "\(end.errors)")
    #expect(try await folder.read("served/model.safetensors") == Training.reference)
    let report = try folder.json("served/report.json")
    #expect(try #require(report["leases_audited"] as? Int) > 0)
    #expect(report["results_differing"] as? Int == 0)
  }

  @Test func anAsynchronousRunCannotBeResumedWithAnAudit() async throws {
    let folder = try Training.folder()
    let options = "--data shapes --recipe v2 --units 6 --mode async"
    let server = try await Server(options, in: folder)
    server.program.send(SIGTERM)
    _ = try await server.program.end()
    let end = try await run("server --resume served --data shapes --audit 0.5", in: folder)
    #expect(end.status == 64 && end.errors.contains("in mode async"), "\(end.errors)")
  }
}
