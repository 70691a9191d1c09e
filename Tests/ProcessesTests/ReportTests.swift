import Foundation
import TestSupport
import Testing

/// The files and outputs of a training, and the commands that read them.
@Suite(.serialized, .limit(minutes: 2))
struct ReportTests {
  /// The files and outputs of a training with `--json --verbose`.
  private struct Finished {
    var files: [String: Data] = [:]
    let output: String
    let errorLines: [String]
  }

  private static let training = Task {
    let folder = try Training.folder()
    let end = try await run("train \(Training.options) --run run --json --verbose", in: folder)
    try #require(end.status == 0, "\(end.errors)")
    var finished = Finished(output: end.output, errorLines: end.errorLines.map(String.init))
    for name in ["report.json", "metrics.jsonl", "settings.json", "model.safetensors"] {
      finished.files[name] = try folder.read("run/" + name)
    }
    return finished
  }

  /// A folder with the files of that training.
  private var folder: TemporaryFolder {
    get async throws {
      let folder = try Training.folder()
      for (name, data) in try await Self.training.value.files {
        try folder.write(data, "run/" + name)
      }
      return folder
    }
  }

  @Test func theReportHasEveryField() async throws {
    let report = try await folder.json("run/report.json")
    #expect(report["dataset"] as? String == "shapes")
    #expect(report["recipe"] as? String == "v2")
    #expect(report["mode"] as? String == "sync")
    #expect(report["outcome"] as? String == "completed")
    #expect((1...2).contains(report["workers"] as? Int ?? 0))
    #expect(report["steps"] as? Int == 600)
    #expect(report["seed"] as? Int == 4)
    for key in ["train_accuracy", "validation_accuracy", "test_accuracy"] {
      let accuracy = try #require(report[key] as? Double)
      #expect(accuracy > 0.9 && accuracy <= 1, "bars are easy: \(key)")
    }
    for key in ["train_loss", "validation_loss", "test_loss", "samples_per_second", "seconds"] {
      let value = try #require(report[key] as? Double)
      #expect(value > 0 && value.isFinite, "\(key)")
    }
    #expect(report["model"] as? String == "run/model.safetensors")
  }

  @Test func standardOutputIsTheReportOnly() async throws {
    let output = try await Self.training.value.output
    #expect(try await folder.text("run/report.json") == output)
  }

  @Test func withoutJSONTheReportIsATable() async throws {
    let folder = try Training.folder()
    let end = try await run(
      "train --data shapes --units 4 --batch-size 8 --steps 3 --run run", in: folder)
    #expect(end.status == 0, "\(end.errors)")
    for word in [
      "shapes", "tutorial, sync, seed 10", "train ", "validation ", "test ", "samples/s",
      "run/model.safetensors",
    ] { #expect(end.output.contains(word), "\(end.output)") }
  }

  @Test func metricsHaveAnObjectForEveryStepAndEvaluation() async throws {
    let lines = try await folder.jsonLines("run/metrics.jsonl")
    let steps = lines.filter { $0["kind"] as? String == "step" }
    #expect(steps.compactMap { $0["step"] as? Int } == Array(1...600))
    #expect(steps.allSatisfy { $0["loss"] is Double && $0["gradient_norm"] is Double })
    let evaluations = lines.filter { $0["kind"] as? String == "evaluation" }
    let validations = evaluations.filter { $0["split"] as? String == "validation" }
    #expect(
      validations.compactMap { $0["step"] as? Int } == Array(stride(from: 40, through: 600, by: 40))
    )
    #expect(evaluations.count == validations.count + 2)
    #expect(steps.count + evaluations.count == lines.count)
    let times = lines.compactMap { $0["seconds"] as? Double }
    #expect(times.count == lines.count && times == times.sorted())
  }

  @Test func settingsAndDataAreRecorded() async throws {
    let settings = try await folder.json("run/settings.json")
    #expect(settings["recipe"] as? String == "v2")
    #expect(settings["units"] as? String == "6")
    #expect(settings["batch-size"] as? String == "20")
    #expect(settings["slices"] as? String == "7")
    #expect(settings["length"] as? String == "steps:600")
    #expect(settings["seed"] as? String == "4")
    let data = try #require(settings["data"] as? String)
    #expect(data.hasPrefix("/") && data.hasSuffix("/shapes"), "\(data)")
  }

  @Test func verbosePrintsTheNotebooksLines() async throws {
    let lines = try await Self.training.value.errorLines.filter { $0.contains("Minibatch") }
    #expect(lines.count == 60)
    let first = try #require(lines.first)
    #expect(
      try #/\(200 / 12020\)    Minibatch loss=\d\.\d{6}    Accuracy=[01]\.\d{5}/#.wholeMatch(
        in: first) != nil, "\(first)")
  }

  @Test(arguments: ["train", "validation", "test"])
  func evaluateAgreesWithTheReport(split: String) async throws {
    let folder = try await folder
    let report = try folder.json("run/report.json")
    let end = try await run(
      "evaluate run/model.safetensors --data shapes --split \(split) --json", in: folder)
    #expect(end.status == 0 && end.errors.isEmpty, "\(end.errors)")
    let found = try JSON.object(end.output)
    #expect(found["accuracy"] as? Double == report["\(split)_accuracy"] as? Double)
    #expect(found["loss"] as? Double == report["\(split)_loss"] as? Double)
    #expect(found["samples"] as? Int == ["train": 88, "validation": 8, "test": 24][split])
    #expect(found["split"] as? String == split)
  }

  @Test func evaluatePrintsATable() async throws {
    let folder = try await folder
    let report = try folder.json("run/report.json")
    let end = try await run(
      "evaluate run/model.safetensors --data shapes", in: folder)
    let accuracy = try #require(report["test_accuracy"] as? Double)
    #expect(end.output.hasPrefix("shapes test: accuracy "))
    #expect(end.output.contains("(\(Int((accuracy * 24).rounded())) of 24)"), "\(end.output)")
  }

  @Test func aFinalEvaluationOfFewerSplitsChangesNoBitOfTheModel() async throws {
    let folder = try Training.folder()
    for (choice, keys) in [("test", ["test_accuracy", "test_loss"]), ("none", [])] {
      let end = try await run(
        "train \(Training.options) --final-evaluation \(choice) --run \(choice)", in: folder)
      #expect(end.status == 0, "\(end.errors)")
      let report = try folder.json("\(choice)/report.json")
      #expect(report["outcome"] as? String == "completed")
      let found = report.keys.filter { $0.hasSuffix("_accuracy") || $0.hasSuffix("_loss") }
      #expect(found.sorted() == keys)
      #expect(try await folder.read("\(choice)/model.safetensors") == Training.reference)
      let again = try await run("train --resume \(choice)", in: folder)
      #expect(again.status == 0 && again.errors.contains("nothing is left"), "\(again.errors)")
    }
  }

  @Test func aRunWithoutANameGetsAFolder() async throws {
    let folder = try Training.folder()
    let options = "train --data shapes --units 4 --batch-size 8 --steps 3"
    let runs = try [Program(options, in: folder), Program(options, in: folder)]
    for run in runs { #expect(try await run.end().status == 0) }
    let names = try folder.names("runs")
    #expect(names.count == 2 && names.allSatisfy { $0.hasPrefix("tutorial-sync-") }, "\(names)")
  }
}
