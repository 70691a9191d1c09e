import Coordination
import Foundation
import Learning
import Numerics
import Storage
import TestSupport
import Testing
import Wire

@testable import Processes

/// Runs that continue after their end, and runs that begin with the weights of a model.
@Suite(.serialized, .limit(minutes: 3))
struct LengthenTests {
  private func options(_ length: String) -> String {
    Training.options.replacing("--steps 600", with: length)
  }

  private func report(_ folder: TemporaryFolder, _ run: String) throws -> [String: Any] {
    try folder.json("\(run)/report.json")
  }

  // MARK: A greater length

  @Test(arguments: ["train --resume run", "train --run run --continue"])
  func aCompleteRunGoesOn(command: String) async throws {
    let folder = try Training.folder()
    let first = try await run("train \(options("--steps 300")) --workers 2 --run run", in: folder)
    #expect(first.status == 0, "\(first.errors)")
    let second = try await run("\(command) --steps 600", in: folder)
    #expect(second.status == 0, "\(second.errors)")
    #expect(try folder.read("run/model.safetensors") == (await Training.reference))
    #expect(try report(folder, "run")["outcome"] as? String == "completed")
    #expect(try report(folder, "run")["steps"] as? Int == 600)
    let third = try await run("\(command) --steps 600", in: folder)
    #expect(third.errors.contains("complete after 600 steps"), "\(third.errors)")
  }

  /// 240 images in batches of 20 fill no last batch of 50; it is computed again as a whole.
  @Test func aSmallerLastBatchIsRepeatedSoThatEverySampleCountsOnce() async throws {
    let folder = try Training.folder()
    let common = "--data shapes --recipe v2 --units 6 --batch-size 50 --slices 7 --seed 4"
    let whole = try await run("train \(common) --epochs 3 --run whole", in: folder)
    #expect(whole.status == 0, "\(whole.errors)")
    let first = try await run(
      "train \(common) --epochs 1 --checkpoint-every 1 --run run", in: folder)
    #expect(first.status == 0, "\(first.errors)")
    let samples = try #require(report(folder, "run")["samples_applied"] as? Int)
    #expect(samples % 50 != 0)
    let second = try await run("train --resume run --epochs 3", in: folder)
    #expect(second.status == 0, "\(second.errors)")
    #expect(try report(folder, "run")["samples_applied"] as? Int == 3 * samples)
    #expect(
      try folder.read("run/model.safetensors") == folder.read("whole/model.safetensors"))
  }

  @Test func aServerThatIsKilledKeepsTheNewLength() async throws {
    let folder = try Training.folder()
    let begun = try await run("train \(options("--steps 60")) --run served", in: folder)
    #expect(begun.status == 0, "\(begun.errors)")
    let program = try Program(
      "server --resume served --steps 600 --listen tcp://127.0.0.1:0 --insecure --verbose",
      in: folder)
    let server = try await Server(program, run: "served", in: folder)
    server.program.send(SIGKILL)
    _ = try await server.program.end()
    #expect(try folder.text("served/settings.json").contains("steps:600"))
    let end = try await run("train --resume served", in: folder)
    #expect(end.status == 0, "\(end.errors)")
    #expect(try folder.read("served/model.safetensors") == (await Training.reference))
  }

  @Test func aSmallerLengthIsRefused() async throws {
    let folder = try Training.folder()
    let begun = try await run("train \(options("--steps 60")) --run run", in: folder)
    #expect(begun.status == 0, "\(begun.errors)")
    let before = try folder.read("run/model.safetensors")
    for (command, text) in [
      ("server --resume run --steps 59", "the length steps:60, it cannot be resumed with steps:59"),
      ("server --run run --continue --steps 9", "cannot be resumed with steps:9"),
      ("server --resume run --steps 0", "--steps cannot be '0'"),
      ("server --resume run --steps 70 --epochs 3", "give --epochs or --steps, not both"),
      ("server --resume run --steps 70 --seed 3", "--seed cannot be given with --resume"),
    ] {
      let end = try await run(command, in: folder)
      #expect(end.status == 64 && end.errors.contains(text), "\(end.errors)")
    }
    #expect(try folder.read("run/model.safetensors") == before)
  }

  // MARK: An initial model

  private static let settings: TrainingSettings = {
    var recipe = Recipe.tutorial
    (recipe.units, recipe.batchSize, recipe.length) = (3, 16, .steps(4))
    return TrainingSettings(recipe: recipe, mode: .sync, seed: 5)
  }()

  private func model(_ dataset: Dataset, units: Int = 3) -> ModelFile {
    var settings = Self.settings
    settings.recipe.units = units
    let shape = ModelShape(
      recipe: settings.recipe, height: dataset.height, width: dataset.width,
      classes: dataset.classes)
    return ModelFile(
      settings: settings, shape: shape, dataset: dataset,
      weights: (0..<shape.layout.count).map { Float($0) / 8 }, step: 77)
  }

  @Test func aRunBeginsWithTheWeightsOfAModelAlsoIfItReturnsToItsBeginning() throws {
    let folder = try TemporaryFolder()
    let dataset = try Dataset.load(.generated(trainingImages: 100))
    let model = model(dataset)
    try model.write(to: folder.file("model"))
    var start = try RunStart(
      Self.settings, in: folder.file("run"), initialModel: folder.file("model"), dataset: dataset)
    #expect(start.state.optimizer.weights == model.weights)
    #expect(start.state.optimizer.step == 0 && start.state.applied.count == 0)
    unlink(folder.file("model"))
    try start.go(backBefore: 1, from: start.state, dataset: dataset, kernels: .init())
    #expect(start.state.optimizer.weights == model.weights)
  }

  @Test func aModelOfAnotherShapeIsRefused() throws {
    let folder = try TemporaryFolder()
    let dataset = try Dataset.load(.generated(trainingImages: 100))
    try model(dataset, units: 4).write(to: folder.file("model"))
    let error = #expect(throws: RunError.self) {
      try RunStart(
        Self.settings, in: folder.file("run"), initialModel: folder.file("model"),
        dataset: dataset)
    }
    let text = "\(try #require(error))"
    #expect(text.contains("1 layers of 4 units") && text.contains("1 layers of 3 units"))
    #expect(!folder.exists("run/checkpoints/step-0.safetensors"))
  }

  @Test func aTrainingContinuesTheModelOfARun() async throws {
    let folder = try Training.folder()
    let first = try await run("train \(options("--steps 200")) --run first", in: folder)
    #expect(first.status == 0, "\(first.errors)")
    let tuning = options("--steps 20")
    for name in ["a", "b"] {
      let end = try await run(
        "train \(tuning) --workers 2 --initial-model first --run \(name)", in: folder)
      #expect(end.status == 0, "\(end.errors)")
    }
    let random = try await run("train \(tuning) --run random", in: folder)
    #expect(random.status == 0)
    let losses = try ["a", "random"].map {
      try #require(report(folder, $0)["test_loss"] as? Double)
    }
    #expect(losses[0] < losses[1])
    #expect(try folder.read("a/model.safetensors") == folder.read("b/model.safetensors"))
    let refused = try await run("train --resume a --initial-model first", in: folder)
    #expect(refused.status == 64 && refused.errors.contains("--initial-model"))
    let missing = try await run("train --data shapes --initial-model none --run c", in: folder)
    #expect(missing.status == 74 && missing.errors.contains("none"), "\(missing.errors)")
  }
}
