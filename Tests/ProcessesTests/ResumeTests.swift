import Coordination
import Foundation
import Learning
import Storage
import TestSupport
import Testing

/// A run that ended early resumes from its last checkpoint, with the same result.
@Suite(.serialized, .limit(minutes: 3))
struct ResumeTests {
  private static let common = "--data shapes --verbose"

  /// Returns the folder of a run of ``Training/options``, `served`, that `signal` ended early.
  private func endedRun(by signal: Int32) async throws -> TemporaryFolder {
    let server = try await Server(in: Training.folder())
    let worker = try server.worker("first", "--data shapes --hang-at 300")  // before the end
    try await server.makesUpdates()
    server.program.send(signal)
    #expect(try await server.program.end().status == 128 + signal)
    worker.send(SIGKILL)
    return server.folder
  }

  /// Resumes the run to its end, with a server and a worker that are started by hand.
  private func resume(in folder: TemporaryFolder) async throws -> Program.End {
    let program = try Program(
      "server --resume served --listen tcp://127.0.0.1:0 --insecure \(Self.common)", in: folder)
    let server = try await Server(program, run: "served", in: folder)
    let worker = try server.worker("second", "--data shapes")
    let end = try await program.end()
    #expect(end.status == 0, "\(end.errors)")
    #expect(try await worker.end().status == 0)
    return end
  }

  private func expectWholeRun(_ folder: TemporaryFolder) async throws {
    #expect(try await folder.read("served/model.safetensors") == Training.reference)
    let lines = try folder.jsonLines("served/metrics.jsonl")
    let steps = lines.filter { $0["kind"] as? String == "step" }
    #expect(steps.compactMap { $0["step"] as? Int } == Array(1...600))
    let evaluations = lines.filter { $0["kind"] as? String == "evaluation" }
    #expect(
      evaluations.compactMap { $0["step"] as? Int }
        == Array(stride(from: 40, to: 600, by: 40)) + [600, 600, 600])
    let times = lines.compactMap { $0["seconds"] as? Double }
    #expect(times.count == lines.count && times == times.sorted())
    let report = try folder.json("served/report.json")
    #expect(report["outcome"] as? String == "completed" && report["steps"] as? Int == 600)
    #expect(report["ledger_balanced"] as? Bool == true)
    #expect(report["samples_applied"] as? Int == 600 * 20)
    let seconds = try #require(report["seconds"] as? Double)
    #expect(seconds >= times.last ?? .infinity)
  }

  @Test func aStoppedRunHasTheSameResultToTheBit() async throws {
    let folder = try await endedRun(by: SIGTERM)
    let stopped = try #require(try folder.json("served/report.json")["steps"] as? Int)
    #expect(stopped > 0 && stopped < 600)
    let end = try await resume(in: folder)
    #expect(end.errors.contains("run resumes  run=served  step=\(stopped)"), "\(end.errors)")
    try await expectWholeRun(folder)
  }

  @Test func aKilledRunHasTheSameResultToTheBit() async throws {
    let folder = try await endedRun(by: SIGKILL)
    #expect(!folder.exists("served/report.json"))
    _ = try await resume(in: folder)
    try await expectWholeRun(folder)
  }

  @Test func aRunKilledBeforeItsFirstStepResumes() async throws {
    let server = try await Server(in: Training.folder())
    server.program.send(SIGKILL)
    #expect(try await server.program.end().status == 128 + SIGKILL)
    _ = try await resume(in: server.folder)
    try await expectWholeRun(server.folder)
  }

  @Test func aDamagedCheckpointIsNamedAndThePreviousOneIsUsed() async throws {
    let folder = try await endedRun(by: SIGTERM)
    let steps = try #require(try folder.json("served/report.json")["steps"] as? Int)
    let name = "served/checkpoints/step-\(steps).safetensors"
    try folder.write(folder.read(name).dropLast(1000), name)
    let end = try await resume(in: folder)
    #expect(end.errors.contains("warning: checkpoint cannot be used  error=\(name): "))
    #expect(end.errors.contains("run resumes  run=served  step=0"), "\(end.errors)")
    try await expectWholeRun(folder)
  }

  /// A server may be killed between its last checkpoint and the model.
  @Test func aRunWhoseModelIsMissingWritesIt() async throws {
    let folder = try Training.folder()
    let options = Training.options.replacing("--steps 600", with: "--steps 30")
    #expect(try await run("train \(options) --run served", in: folder).status == 0)
    let model = try folder.read("served/model.safetensors")
    let report = try folder.json("served/report.json")
    for name in ["model.safetensors", "report.json"] { try folder.remove("served/" + name) }
    let end = try await run(
      "server --resume served --data shapes --listen tcp://127.0.0.1:0 --insecure", in: folder)
    #expect(end.status == 0, "\(end.errors)")
    #expect(try folder.read("served/model.safetensors") == model)
    let again = try folder.json("served/report.json")
    for key in ["outcome", "steps", "staleness_mean"] {
      #expect(again[key] as? NSObject == report[key] as? NSObject, "\(key)")
    }
    let accuracy = try #require(again["test_accuracy"] as? Double)
    #expect(try abs(accuracy - #require(report["test_accuracy"] as? Double)) < 1e-12)
  }

  @Test func theServerListensAtItsPreviousEndpoint() async throws {
    let folder = try Training.folder()
    let first = try await Server(listen: "ipc://server.socket", in: folder)
    let worker = try first.worker("only")
    try await first.makesUpdates()
    first.program.send(SIGKILL)
    #expect(try await first.program.end().status == 128 + SIGKILL)
    let second = try Program("server --resume served --insecure \(Self.common)", in: folder)
    let end = try await second.end()
    #expect(end.status == 0, "\(end.errors)")
    #expect(end.errors.contains("server.endpoint=ipc://server.socket"), "\(end.errors)")
    #expect(try await worker.end().status == 0)
    try await expectWholeRun(folder)
  }

  @Test func trainResumesARun() async throws {
    let folder = try await endedRun(by: SIGTERM)
    let end = try await run("train --resume served --data shapes", in: folder)
    #expect(end.status == 0, "\(end.errors)")
    try await expectWholeRun(folder)
  }

  // MARK: Data

  @Test func theDataAreThoseThatTheRunRecords() async throws {
    let folder = try await endedRun(by: SIGTERM)
    let end = try await run(
      "train --resume served", in: folder, environment: ["MNIST_DIR": "other"])
    #expect(end.status == 0, "\(end.errors)")
    try await expectWholeRun(folder)
  }

  @Test func dataThatWereMovedAreNamed() async throws {
    let folder = try await endedRun(by: SIGTERM)
    let moved = folder.file("moved")
    try FileManager.default.moveItem(atPath: folder.file("shapes"), toPath: moved)
    for command in ["train", "server"] {
      let call = WrongCall(
        "\(command) --resume served", "served was trained on the data in", "/shapes", "--data")
      try await call.check(status: 65, in: folder)
    }
    let end = try await run("train --resume served --data moved", in: folder)
    #expect(end.status == 0, "\(end.errors)")
    let recorded = try folder.json("served/settings.json")["data"] as? String
    #expect(recorded?.hasSuffix("/moved") == true)
  }

  // MARK: Runs that do not resume

  @Test func aCompleteRunHasNothingLeftToDo() async throws {
    let folder = try Training.folder()
    let options = Training.options.replacing("--steps 600", with: "--steps 20")
    #expect(try await run("train \(options) --run done", in: folder).status == 0)
    for command in ["train", "server"] {
      let end = try await run("\(command) --resume done", in: folder)
      #expect(end.status == 0 && end.output.isEmpty, "\(end.errors)")
      #expect(end.errors == "done is complete after 20 steps; nothing is left to do\n")
    }
  }

  @Test func aRunOnOtherDataIsRefused() async throws {
    let folder = try await endedRun(by: SIGTERM)
    var others = Shapes()
    others.trainImages[200] ^= 1
    try others.write("others", in: folder)
    let call = WrongCall(
      "server --resume served --data others", "step-", "crc32c", "--data has 96+24 images",
      "use the run's data with --data")
    try await call.check(status: 65, in: folder)
  }

  @Test func aFolderWithoutARunIsRefused() async throws {
    let folder = try Training.folder()
    for command in ["train", "server"] {
      try await WrongCall("\(command) --resume nowhere --data shapes", "nowhere holds no run")
        .check(status: 78, in: folder)
    }
    #expect(!folder.exists("nowhere"))
  }

  @Test func aRunWithoutAValidCheckpointIsRefused() async throws {
    let folder = try Training.folder()
    try folder.write([1, 2, 3], "run/checkpoints/step-5.safetensors")
    let end = try await run("server --resume run --data shapes --insecure", in: folder)
    #expect(end.status == 65)
    #expect(end.errorLines.count == 2, "\(end.errors)")
    #expect(end.errorLines.contains { $0.contains("no valid checkpoint") }, "\(end.errors)")
  }

  @Test(arguments: [
    "--recipe v1", "--mode sync", "--seed 4", "--batch-size 20", "--slices 7",
    "--units 6", "--scan rows", "--learning-rate 0.1", "--schedule cosine",
    "--warm-up 4", "--clip none", "--augmentation none", "--normalization none",
    "--kernel-initializer zeros", "--dense-initializer zeros", "--bias-initializer zeros",
    "--evaluate-every 4", "--staleness 1", "--max-staleness 1", "--run other",
  ])
  func settingsCannotBeGivenForAResume(option: String) async throws {
    let flag = option.prefix { $0 != " " }
    try await WrongCall("server --resume run \(option)", "\(flag) cannot be given with --resume")
      .check(status: 64, in: TemporaryFolder())
  }

  @Test func allSettingsThatCannotBeGivenAreNamed() async throws {
    try await WrongCall(
      "train --resume run --steps 3 --units 4 --seed 10", "--units, --seed cannot be"
    ).check(status: 64, in: TemporaryFolder())
  }

  /// The checkpoint is valid in itself: of a billion epochs over one sample.
  @Test func aCheckpointOfOtherSizesEndsTheResume() async throws {
    let folder = try await endedRun(by: SIGTERM)
    let path = try #require(
      try folder.names("served/checkpoints").last.map { folder.file("served/checkpoints/\($0)") })
    let old = try Checkpoint.read(path: path)
    let step: UInt64 = 999_999_999
    var settings = old.state.settings
    settings.recipe.length = .steps(step + 1)
    let optimizer = old.state.optimizer
    var audit = Audit()
    audit.record(
      positions: 0..<step * UInt64(settings.recipe.batchSize), epochSize: 1)
    let state = ServerState(
      settings: settings, dataset: old.state.dataset,
      optimizer: Optimizer(
        shape: optimizer.shape, weights: optimizer.weights, firstMoment: optimizer.firstMoment,
        secondMoment: optimizer.secondMoment, step: step),
      applied: AppliedBatches(prefix: step, beyond: []), audit: audit, isEvaluated: true)
    try Checkpoint(state, height: old.height, width: old.width, training: 1)
      .write(to: folder.file("served/checkpoints/step-\(step).safetensors"))
    let call = WrongCall("train --resume served", "the sizes (1 training samples) do not match")
    try await call.check(status: 65, in: folder)
  }
}
