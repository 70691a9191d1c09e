package import Foundation
package import Learning
package import Numerics

/// The results of a model on a whole split, as JSON and as a table.
package struct EvaluationReport: Encodable, Sendable, Equatable {
  /// The confidence interval of the accuracy.
  package struct Interval: Encodable, Sendable, Equatable {
    /// The bounds and the confidence level, each 0 to 1.
    package let lower: Double, upper: Double, confidence: Double
  }

  /// The results of one class.
  package struct ClassResult: Encodable, Sendable, Equatable {
    /// The class; its samples; the samples predicted as this class; the correct ones among them.
    package let label: Int, samples: Int, predicted: Int, correct: Int
    /// Share of `predicted` that is correct; null if nothing was predicted as this class.
    package let precision: Double?
    /// Share of `samples` that is correct; null if the class has no samples.
    package let recall: Double?
  }

  /// Path of the model; name of the dataset; the split.
  package let model: String, dataset: String, split: String
  /// Share of correct samples, 0 to 1; zero over no samples.
  package let accuracy: Double
  /// Mean cross entropy in nats, zero over no samples; null in JSON unless it is finite.
  @NullUnlessFinite package private(set) var loss: Double
  /// Correct samples, and all samples.
  package let correct: Int, samples: Int
  /// Samples without a prediction, because their logits are not numbers; nil if there are none.
  package let unclassified: Int?
  /// The Wilson interval of the accuracy.
  package let accuracyInterval: Interval
  /// The classes in order.
  package let classes: [ClassResult]
  /// The counts, with a row for each label and a column for each prediction.
  package let confusionMatrix: [[Int]]

  /// Creates the report of an evaluation.
  package init(
    model: String, dataset: String, split: String, sums: SampleSums,
    confusion: ConfusionMatrix
  ) {
    (self.model, self.dataset, self.split) = (model, dataset, split)
    (correct, samples) = (Int(sums.correct), Int(sums.count))
    (accuracy, loss) = (sums.accuracy, sums.meanLoss)
    unclassified = confusion.unclassified == 0 ? nil : confusion.unclassified
    let interval = WilsonInterval(successes: correct, trials: samples)
    accuracyInterval = Interval(
      lower: interval.lower, upper: interval.upper, confidence: WilsonInterval.confidence)
    classes = (0..<confusion.classes).map { label in
      ClassResult(
        label: label, samples: confusion.samples(of: label),
        predicted: confusion.predictions(of: label),
        correct: confusion[label: label, prediction: label],
        precision: confusion.precision(of: label), recall: confusion.recall(of: label))
    }
    confusionMatrix = confusion.rows
  }

  /// Returns the report as JSON.
  package func json() throws -> Data { try ReportJSON.encode(self) }
}

extension EvaluationReport.ClassResult {
  private enum CodingKeys: CodingKey {
    case label, samples, predicted, correct, precision, recall
  }

  /// Writes all fields, absent ones as null.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(label, forKey: .label)
    try container.encode(samples, forKey: .samples)
    try container.encode(predicted, forKey: .predicted)
    try container.encode(correct, forKey: .correct)
    try container.encode(precision, forKey: .precision)
    try container.encode(recall, forKey: .recall)
  }
}
