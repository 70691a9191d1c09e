import Foundation
import TestSupport
import Testing

/// The options about workers and checkpoints.
@Suite(.serialized, .limit(minutes: 2))
struct PolicyTests {
  private static let short = Training.options.replacing("--steps 600", with: "--steps 60")

  @Test func checkpointsAreWrittenAtTheRequestedSteps() async throws {
    let folder = try Training.folder()
    let options = Self.short.replacing("--evaluate-every 40", with: "--evaluate-every 0")
    let end = try await run("train \(options) --run run --checkpoint-every 25", in: folder)
    #expect(end.status == 0, "\(end.errors)")
    let names = try folder.names("run/checkpoints")
    // Of the states that are due while the disk is busy only the newest is written.
    #expect(names.count <= 3 && names.contains("step-60.safetensors"), "\(names)")
    let allowed = [0, 25, 50, 60].map { "step-\($0).safetensors" }
    #expect(names.allSatisfy(allowed.contains), "\(names)")
  }

  @Test func withoutPeriodicCheckpointsTheFirstAndTheLastStateAreWritten() async throws {
    let folder = try Training.folder()
    let end = try await run("train \(Self.short) --run run --checkpoint-every never", in: folder)
    #expect(end.status == 0, "\(end.errors)")
    let names = try folder.names("run/checkpoints")
    #expect(names.sorted() == ["step-0.safetensors", "step-60.safetensors"])
  }

  @Test func aKilledRunResumesFromALaterCheckpoint() async throws {
    let server = try await Server(
      Training.options + " --checkpoint-every 20", listen: "ipc://server.socket",
      in: Training.folder())
    let worker = try server.worker("only")
    let folder = server.folder
    // The speed of the disk decides which ones are written; a newer one replaces a queued one.
    _ = try await eventually("a checkpoint beyond the first") {
      let names = try folder.names("served/checkpoints")
      return names.contains { $0.hasPrefix("step-") && $0 != "step-0.safetensors" } ? true : nil
    }
    server.program.send(SIGKILL)
    #expect(try await server.program.end().status == 128 + SIGKILL)
    worker.send(SIGKILL)
    let end = try await run("train --resume served --data shapes", in: folder)
    #expect(end.status == 0, "\(end.errors)")
    #expect(!end.errors.contains("step=0\n") && end.errors.contains("run resumes  run=served"))
    #expect(try await folder.read("served/model.safetensors") == Training.reference)
    let steps = try folder.jsonLines("served/metrics.jsonl")
      .filter { $0["kind"] as? String == "step" }.compactMap { $0["step"] as? Int }
    #expect(steps == Array(1...600))
  }

  @Test func aServerWithoutWorkersExitsAndNamesTheOptionToResume() async throws {
    let folder = try Training.folder()
    let end = try await run(
      "server \(Self.short) --run run --listen tcp://127.0.0.1:0 --insecure --wait-for-workers 1",
      in: folder)
    #expect(end.status == 75)
    let message =
      "tributary: no worker connected for 1 s; use --resume run to continue with new ones"
    #expect(end.hasErrorLine(message), "\(end.errors)")
    #expect(try folder.json("run/report.json")["outcome"] as? String == "abandoned")
  }

  @Test func aTrainingWaitsForItsMinimumOfWorkers() async throws {
    let server = try await Server(Self.short + " --min-workers 2", in: Training.folder())
    let first = try server.worker("first")
    try await server.program.prints("worker.name=first")
    try await server.program.prints("waiting for workers")
    #expect(!server.program.errors.contains("Minibatch loss="))
    let second = try server.worker("second")
    #expect(try await server.program.end().status == 0)
    for worker in [first, second] { #expect(try await worker.end().status == 0) }
  }

  @Test func aServerRefusesWorkersBeyondItsMaximum() async throws {
    let server = try await Server(
      Training.options + " --max-workers 1", in: Training.folder())
    // The run does not end before the second worker has come.
    let first = try server.worker("first", "--data shapes --hang-at 300")
    try await server.program.prints("worker.name=first")
    let second = try server.worker("second")
    let end = try await second.end()
    #expect(end.status == 75 && end.errors.contains("its maximum"), "\(end.errors)")
    first.send(SIGKILL)
    try await server.program.prints("worker left")
    let third = try server.worker("third")
    #expect(try await server.program.end().status == 0)
    #expect(try await third.end().status == 0)
  }

  @Test(arguments: [
    "bounded --staleness 0", "bounded --max-staleness 3", "async --max-staleness 0",
  ])
  func everySampleIsAppliedOnceInAsynchronousModes(mode: String) async throws {
    let folder = try Training.folder()
    let options = Self.short.replacing("--steps 60", with: "--epochs 3")
    let end = try await run("train \(options) --mode \(mode) --run run", in: folder)
    #expect(end.status == 0, "\(end.errors)")
    let report = try folder.json("run/report.json")
    #expect(report["mode"] as? String == String(mode.prefix { $0 != " " }))
    #expect(report["steps"] as? Int == 14, "3 times 88 samples in batches of 20")
    #expect(report["samples_applied"] as? Int == 3 * 88)
    #expect(report["epochs_complete"] as? Int == 3 && report["epoch_size"] as? Int == 88)
    #expect(report["open_epoch_samples"] as? Int == 0)
    #expect(report["ledger_balanced"] as? Bool == true)
    #expect(end.output.contains("ledger      264 samples applied exactly once, 3 epochs of 88"))
  }
}
