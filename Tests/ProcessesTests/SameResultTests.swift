import Foundation
import TestSupport
import Testing

/// The result of a synchronous training depends on neither the workers nor the vector code.
@Suite(.serialized, .limit(minutes: 2))
struct SameResultTests {
  @Test(arguments: [2, 3, 4])
  func theModelDoesNotDependOnTheNumberOfWorkers(workers: Int) async throws {
    let folder = try Training.folder()
    let end = try await run(
      "train \(Training.options) --workers \(workers) --run run", in: folder)
    #expect(end.status == 0, "\(end.errors)")
    #expect(try await folder.read("run/model.safetensors") == Training.reference)
  }

  @Test(arguments: ["avx2", "plain"])
  func theModelDoesNotDependOnTheVectorCode(kernels: String) async throws {
    let folder = try Training.folder()
    let end = try await run(
      "train \(Training.options) --kernels \(kernels) --run run", in: folder)
    if end.status == 64, end.errors.contains("this processor has") { return }
    #expect(end.status == 0, "\(end.errors)")
    #expect(try await folder.read("run/model.safetensors") == Training.reference)
  }

  @Test func anotherSeedGivesAnotherModel() async throws {
    let folder = try Training.folder()
    let end = try await run("train \(Training.options) --seed 5 --run run", in: folder)
    #expect(end.status == 0, "\(end.errors)")
    #expect(try await folder.read("run/model.safetensors") != Training.reference)
  }

  @Test func generatedDigitsAreTheSameInEveryProcess() async throws {
    let folder = try TemporaryFolder()
    let options = "--data generated:200 --units 4 --batch-size 16 --steps 5"
    for workers in 1...2 {
      let end = try await run(
        "train \(options) --workers \(workers) --run run\(workers)", in: folder)
      #expect(end.status == 0, "\(end.errors)")
    }
    #expect(
      try folder.read("run1/model.safetensors") == folder.read("run2/model.safetensors"))
  }

  @Test(arguments: ["rows", "columns", "pixels"])
  func oneWorkerAndThreeGiveTheSameModelWithBatchNormalizationInAnyScan(scan: String)
    async throws
  {
    let folder = try Training.folder()
    let options =
      "--data shapes --recipe v3 --units 5 --batch-size 12 --slices 3 --epochs 2 --scan \(scan)"
    for workers in [1, 3] {
      let end = try await run(
        "train \(options) --workers \(workers) --run run\(workers)", in: folder)
      #expect(end.status == 0, "\(end.errors)")
    }
    #expect(
      try folder.read("run1/model.safetensors") == folder.read("run3/model.safetensors"))
  }

  @Test func asynchronousTrainingCompletesAndReportsItsStaleness() async throws {
    let folder = try Training.folder()
    let end = try await run(
      "train \(Training.options) --mode async --workers 3 --run run", in: folder)
    #expect(end.status == 0, "\(end.errors)")
    let report = try folder.json("run/report.json")
    #expect(report["mode"] as? String == "async")
    #expect(report["steps"] as? Int == 600)
    let mean = try #require(report["staleness_mean"] as? Double)
    let most = try #require(report["staleness_maximum"] as? Double)
    #expect(mean >= 0 && mean <= most)
    let steps = try folder.jsonLines("run/metrics.jsonl").filter { $0["kind"] as? String == "step" }
    #expect(steps.compactMap { $0["staleness"] as? Double }.max() == most)
    #expect(steps.compactMap { $0["step"] as? Int } == Array(1...600))
  }
}
