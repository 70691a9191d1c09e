import Coordination
import Foundation
import Learning
import Telemetry
import TestSupport
import Testing
import Wire

@Suite struct RunReportTests {
  private func progress(evaluated: UInt64? = 12) -> RunProgress {
    var progress = RunProgress()
    progress.note(.joined(name: "a", workers: 1), at: .seconds(0))
    progress.note(.joined(name: "b", workers: 2), at: .seconds(0))
    progress.note(.left(name: "b", reason: "lost", workers: 1), at: .seconds(0))
    for step in 1...UInt64(12) {
      let report = StepReport.sample(step, of: 12, staleness: step % 3)
      progress.note(.stepped(report), at: .seconds(0.1 * Double(step)))
    }
    if let evaluated {
      let results: [SplitEvaluation] = [
        .sample(.train, loss: 0.5, correct: 970), .sample(.validation, correct: 960),
        .sample(.test, loss: 0.125, correct: 955),
      ]
      progress.note(.evaluated(step: evaluated, results), at: .seconds(2))
    }
    return progress
  }

  private func report(
    _ outcome: Outcome = .completed, evaluated: UInt64? = 12, model: String? = "runs/x/model"
  ) -> RunReport {
    RunReport(
      dataset: "MNIST", datasetFingerprint: "60000 images", outcome: outcome,
      progress: progress(evaluated: evaluated), model: model)
  }

  private func json(_ report: RunReport) throws -> [String: Any] {
    let data = try report.json()
    #expect(data.last == UInt8(ascii: "\n"))
    return try JSON.object(data)
  }

  @Test func theKeysAreInSnakeCase() throws {
    let json = try json(report())
    #expect(json["dataset"] as? String == "MNIST")
    #expect(json["dataset_fingerprint"] as? String == "60000 images")
    #expect(json["recipe"] as? String == "tutorial")
    #expect(json["mode"] as? String == "async")
    #expect(json["outcome"] as? String == "completed")
    #expect(json["workers"] as? Int == 2)
    #expect(json["steps"] as? Int == 12)
    #expect(json["seed"] as? Int == 10)
    #expect(json["units"] as? Int == 128)
    #expect(json["layers"] as? Int == 1)
    #expect(json["batch_size"] as? Int == 100)
    #expect(json["slices"] as? Int == 8)
    #expect(json["kernels"] as? String == "plain")
    #expect(json["model"] as? String == "runs/x/model")
    #expect(json["seconds"] as? Double == 4.5)
  }

  @Test func theNumbersAreThoseOfTheLastEvaluation() throws {
    let json = try json(report())
    #expect(json["train_accuracy"] as? Double == 0.97)
    #expect(json["train_loss"] as? Double == 0.5)
    #expect(json["validation_accuracy"] as? Double == 0.96)
    #expect(json["validation_loss"] as? Double == 0.25)
    #expect(json["test_accuracy"] as? Double == 0.955)
    #expect(json["test_loss"] as? Double == 0.125)
    #expect((json["samples_per_second"] as? Double).map { abs($0 - 1000) < 1e-6 } == true)
    #expect(json["staleness_mean"] as? Double == 1)
    #expect(json["staleness_maximum"] as? Int == 2)
  }

  /// The accuracy of weights other than the final ones would be misleading.
  @Test(arguments: [nil, 11] as [UInt64?])
  func splitsWithoutAFinalEvaluationAreAbsent(evaluated: UInt64?) throws {
    let report = report(.stopped, evaluated: evaluated, model: nil)
    let json = try json(report)
    for key in ["train", "validation", "test"] {
      #expect(json["\(key)_accuracy"] == nil && json["\(key)_loss"] == nil)
    }
    #expect(json["model"] == nil)
    #expect(json["outcome"] as? String == "stopped")
    #expect(!report.table.contains("accuracy") && !report.table.contains("model"))
  }

  @Test func aRunWithoutUpdatesHasAReport() throws {
    let report = RunReport(
      dataset: "d", datasetFingerprint: "f", outcome: .diverged(step: 0),
      progress: RunProgress(), applied: AppliedBatches(), model: nil)
    let json = try json(report)
    #expect(json["outcome"] as? String == "diverged")
    #expect(json["samples_applied"] as? Int == 0 && json["ledger_balanced"] as? Bool == true)
    #expect(json["steps"] as? Int == 0)
    #expect(json["samples_per_second"] as? Double == 0)
  }

  @Test func aLossThatIsNotFiniteIsAbsent() throws {
    var progress = progress(evaluated: nil)
    progress.note(.evaluated(step: 12, [.sample(.test, loss: .nan)]), at: .seconds(2))
    let report = RunReport(
      dataset: "d", datasetFingerprint: "f", outcome: .completed, progress: progress, model: nil)
    let json = try json(report)
    #expect(json["test_loss"] == nil && json["test_accuracy"] as? Double == 0.9)
    #expect(report.table.contains("accuracy 90.00 %  loss not finite"))
  }

  @Test func theReportReadsBack() throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    #expect(try decoder.decode(RunReport.self, from: report().json()) == report())
  }

  @Test func theTableShowsTheReport() {
    #expect(
      report().table == """
        dataset     MNIST
        recipe      tutorial, async, seed 10
        train       accuracy 97.00 %  loss 0.5000
        validation  accuracy 96.00 %  loss 0.2500
        test        accuracy 95.50 %  loss 0.1250
        speed       1,000 samples/s with 2 workers, 12 steps, 4.5 s in all
        ledger      1,200 samples applied exactly once, 2 epochs of 500 and 200 more
        model       runs/x/model
        """)
  }
}

extension RunReport {
  /// A report of a run of the tutorial over 500 samples that took 4.5 seconds.
  fileprivate init(
    dataset: String, datasetFingerprint: String, outcome: Outcome, progress: RunProgress,
    applied: AppliedBatches = AppliedBatches(prefix: 12, beyond: []), model: String?
  ) {
    let plan = BatchPlan(recipe: .tutorial, sampleCount: 500)
    self.init(
      dataset: dataset, datasetFingerprint: datasetFingerprint,
      settings: TrainingSettings(recipe: .tutorial, mode: .async, seed: 10), outcome: outcome,
      audit: .sample(applied, plan), applied: applied, plan: plan,
      progress: progress, seconds: 4.5, kernels: "plain", model: model)
  }
}
