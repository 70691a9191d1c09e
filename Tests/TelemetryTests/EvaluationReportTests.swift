import Foundation
import Learning
import Numerics
import Telemetry
import TestSupport
import Testing

@Suite struct EvaluationReportTests {
  /// Three classes, the last of which is never predicted.
  static let report: EvaluationReport = {
    var confusion = ConfusionMatrix(classes: 3)
    for (label, counts) in [[980, 0, 0], [10, 8, 0], [2, 0, 0]].enumerated() {
      for (prediction, count) in counts.enumerated() {
        for _ in 0..<count { confusion.add(label: label, prediction: prediction) }
      }
    }
    return EvaluationReport(
      model: "runs/a/model.safetensors", dataset: "MNIST", split: "test",
      sums: SampleSums(lossSum: 104.3, correct: 988, count: 1000), confusion: confusion)
  }()

  /// The interval is scipy's: binomtest(988, 1000).proportion_ci(0.95, "wilson") is
  /// 0.97914 to 0.99312.
  @Test func theTableShowsTheReport() {
    #expect(
      Self.report.table == """
        MNIST test: accuracy 98.80 % (988 of 1000), 95 % interval 97.91 to 99.31 %, loss 0.1043

        class  samples  precision    recall
            0      980    98.79 %  100.00 %
            1       18   100.00 %   44.44 %
            2        2          -    0.00 %

        rows: labels, columns: predictions
        label    0  1  2
            0  980  .  .
            1   10  8  .
            2    2  .  .
        """)
  }

  @Test(arguments: [Double.nan, .infinity])
  func aLossThatIsNotFiniteIsNull(loss: Double) throws {
    let report = EvaluationReport(
      model: "m", dataset: "d", split: "test",
      sums: SampleSums(lossSum: loss, correct: 1, count: 2),
      confusion: ConfusionMatrix(classes: 2))
    let object = try JSON.object(report.json())
    #expect(object["loss"] is NSNull && object["accuracy"] as? Double == 0.5)
  }

  @Test func theJSONHasEveryField() throws {
    let report = try JSON.object(Self.report.json())
    #expect(
      Set(report.keys) == [
        "model", "dataset", "split", "accuracy", "loss", "correct", "samples",
        "accuracy_interval", "classes", "confusion_matrix",
      ])
    #expect(report["model"] as? String == "runs/a/model.safetensors")
    #expect(report["accuracy"] as? Double == 0.988)
    #expect(report["loss"] as? Double == 0.1043)
    #expect(report["correct"] as? Int == 988)
    #expect(report["samples"] as? Int == 1000)
    #expect(report["confusion_matrix"] as? [[Int]] == [[980, 0, 0], [10, 8, 0], [2, 0, 0]])
    let interval = try #require(report["accuracy_interval"] as? [String: Double])
    #expect(interval["confidence"] == 0.95)
    #expect(abs(try #require(interval["lower"]) - 0.9791427315245017) < 1e-12)
    #expect(abs(try #require(interval["upper"]) - 0.9931223521935965) < 1e-12)
  }

  @Test func undefinedNumbersAreNull() throws {
    let report = try JSON.object(Self.report.json())
    let classes = try #require(report["classes"] as? [[String: Any]])
    #expect(classes.map { $0["label"] as? Int } == [0, 1, 2])
    #expect(classes.map { $0["samples"] as? Int } == [980, 18, 2])
    #expect(classes.map { $0["predicted"] as? Int } == [992, 8, 0])
    #expect(classes.map { $0["correct"] as? Int } == [980, 8, 0])
    let recalls = classes.compactMap { $0["recall"] as? Double }
    #expect(
      zip(recalls, [1, 8.0 / 18, 0]).allSatisfy { abs($0 - $1) < 1e-12 } && recalls.count == 3)
    #expect(classes[1]["precision"] as? Double == 1)
    #expect(classes[2]["precision"] is NSNull)
  }

  @Test func anEvaluationOfNoSamplesHasAReport() {
    let report = EvaluationReport(
      model: "m", dataset: "D", split: "test", sums: SampleSums(),
      confusion: ConfusionMatrix(classes: 2))
    #expect(report.accuracy == 0 && report.loss == 0)
    #expect(report.table.hasPrefix("D test: accuracy 0.00 % (0 of 0), "))
  }

  @Test func aLossThatIsNotFiniteIsNullAndUnclassifiedSamplesAreCounted() throws {
    var confusion = ConfusionMatrix(classes: 2)
    for label in [0, 1, 1] { confusion.add(label: label, prediction: nil) }
    let report = EvaluationReport(
      model: "m", dataset: "D", split: "test",
      sums: SampleSums(lossSum: .nan, correct: 0, count: 3), confusion: confusion)
    let object = try JSON.object(report.json())
    #expect(object["loss"] is NSNull && object["unclassified"] as? Int == 3)
    #expect(object["confusion_matrix"] as? [[Int]] == [[0, 0], [0, 0]])
    #expect(report.table.contains("loss nan\n3 samples unclassified: "), "\(report.table)")
  }
}
