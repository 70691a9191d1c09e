import Foundation
import TestSupport
import Testing

@testable import Storage

/// Tests of `tributary evaluate`: the files it takes, and models that are damaged or diverged.
@Suite(.serialized, .limit(minutes: 2))
struct EvaluateTests {
  /// The model and the checkpoints of a short training.
  private static let files = Task {
    let folder = try Training.folder()
    let end = try await run(
      "train --data shapes --units 4 --batch-size 8 --steps 12 --checkpoint-every 5 --run run",
      in: folder)
    try #require(end.status == 0, "\(end.errors)")
    let names = try folder.names("run/checkpoints").map { "run/checkpoints/" + $0 }
    return try (names + ["run/model.safetensors"]).map { (name: $0, data: try folder.read($0)) }
  }

  /// A folder with the data, the model and the checkpoints of that training.
  private func folder() async throws -> TemporaryFolder {
    let folder = try Training.folder()
    for file in try await Self.files.value { try folder.write(file.data, file.name) }
    return folder
  }

  private func evaluate(
    _ path: String, in folder: TemporaryFolder
  ) async throws -> [String: Any] {
    let end = try await run("evaluate \(path) --data shapes --json", in: folder)
    try #require(end.status == 0 && end.errors.isEmpty, "\(end.errors)")
    return try JSON.object(end.output)
  }

  @Test func aModelARunAndItsLastCheckpointGiveTheSameResult() async throws {
    let folder = try await folder()
    let model = try await evaluate("run/model.safetensors", in: folder)
    for path in ["run", "run/", "run/checkpoints/step-12.safetensors"] {
      let found = try await evaluate(path, in: folder)
      #expect(found["loss"] as? Double == model["loss"] as? Double, "\(path)")
      #expect(found["confusion_matrix"] as? [[Int]] == model["confusion_matrix"] as? [[Int]])
    }
    #expect(try await evaluate("run", in: folder)["model"] as? String == "run/model.safetensors")
  }

  @Test func aRunWithoutAModelIsEvaluatedFromItsNewestValidCheckpoint() async throws {
    let folder = try await folder()
    try folder.remove("run/model.safetensors")
    let older = "run/checkpoints/step-11.safetensors"
    try folder.write(folder.read("run/checkpoints/step-12.safetensors"), older)
    try folder.write([1, 2, 3], "run/checkpoints/step-12.safetensors")
    let end = try await run("evaluate run --data shapes --json", in: folder)
    #expect(end.status == 0, "\(end.errors)")
    #expect(
      end.errorLines.count == 1 && end.errors.hasPrefix("warning: run/checkpoints/step-12"),
      "\(end.errors)")
    let found = try JSON.object(end.output)
    #expect(found["model"] as? String == older)
  }

  @Test func aFolderWithoutAModelIsNamed() async throws {
    let call = WrongCall("evaluate --data shapes shapes", "shapes: ", "model.safetensors")
    try await call.check(status: 74, in: Training.folder())
  }

  @Test func eachOf20FlippedBitsIsReported() async throws {
    let folder = try await folder()
    let model = try folder.read("run/model.safetensors")
    for _ in 0..<20 {
      var damaged = model
      let place = Int.random(in: 0..<model.count)
      damaged[place] ^= 1 << UInt8.random(in: 0...7)
      try folder.write(damaged, "damaged.safetensors")
      let end = try await run("evaluate damaged.safetensors --data shapes", in: folder)
      #expect(end.status == 65 && end.output.isEmpty, "byte \(place): \(end.errors)")
      #expect(!end.errors.contains("Error Domain") && end.errorLines.count == 1, "\(end.errors)")
    }
  }

  // MARK: Diverged models

  @Test func aDivergedModelHasANullLossAndNoPredictions() async throws {
    let folder = try await folder()
    let path = folder.file("nan.safetensors")
    let model = try ModelFile(path: folder.file("run/model.safetensors"))
    let data = try Dataset.load(.folder(folder.file("shapes")))
    try ModelFile(
      settings: model.settings, shape: model.shape, dataset: data,
      weights: Array(repeating: .nan, count: model.weights.count), step: model.step
    ).write(to: path)
    let found = try await evaluate("nan.safetensors", in: folder)
    #expect(found["loss"] is NSNull && found["accuracy"] as? Double == 0)
    #expect(found["unclassified"] as? Int == 24 && found["samples"] as? Int == 24)
    let matrix = try #require(found["confusion_matrix"] as? [[Int]])
    #expect(matrix.joined().allSatisfy { $0 == 0 }, "\(matrix)")
    let end = try await run("evaluate nan.safetensors --data shapes", in: folder)
    #expect(end.status == 0 && end.output.contains("24 samples unclassified"), "\(end.output)")
  }

  // MARK: Output

  @Test(arguments: [
    "evaluate run --data shapes", "evaluate run --data shapes --json",
    "bench codec --elements 100 --rounds 1", "bench codec --elements 100 --rounds 1 --json",
    "bench kernels --units 4 --rounds 1",
  ])
  func aFullDiskBehindStandardOutputIsAnError(line: String) async throws {
    let folder = try await folder()
    let program = try Program.executable.path
    let end = try Command("sh", ["-c", "\"$0\" \(line) > /dev/full"] + [program], in: folder.path)
      .run()
    #expect(end.status == 74, "\(end.errors)")
    #expect(
      end.errors.hasPrefix(
        "tributary: standard output: writing failed (No space left on device); "),
      "\(end.errors)")
    #expect(!end.errors.contains("Error Domain"), "\(end.errors)")
  }
}
