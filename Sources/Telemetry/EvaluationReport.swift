package import Foundation
package import Learning
package import Numerics

/// What the evaluation of a model on a whole split found: for JSON, and for people.
package struct EvaluationReport: Encodable, Sendable, Equatable {
  /// The confidence interval of the accuracy.
  package struct Interval: Encodable, Sendable, Equatable {
    /// Its bounds, 0 to 1, and how often such intervals hold the truth, 0 to 1.
    package let lower: Double, upper: Double, confidence: Double
  }

  /// How one class fared.
  package struct ClassResult: Encodable, Sendable, Equatable {
    /// The class; its samples; the samples that were taken for it; those that rightly were.
    package let label: Int, samples: Int, predicted: Int, correct: Int
    /// Share of `predicted` that is correct; null if nothing was taken for this class.
    package let precision: Double?
    /// Share of `samples` that is correct; null if there are none.
    package let recall: Double?
  }

  /// Path of the model; name of the dataset; the split.
  package let model: String, dataset: String, split: String
  /// Share of correct samples, 0 to 1, and mean cross entropy in nats; zero over no samples.
  package let accuracy: Double, loss: Double
  /// Correct samples, and all of them.
  package let correct: Int, samples: Int
  /// Wilson's interval of the accuracy.
  package let accuracyInterval: Interval
  /// The classes in order.
  package let classes: [ClassResult]
  /// Counts: a row for each label, a column for each prediction.
  package let confusionMatrix: [[Int]]

  /// The report of an evaluation.
  package init(
    model: String, dataset: String, split: String, sums: ClassificationSums,
    confusion: ConfusionMatrix
  ) {
    (self.model, self.dataset, self.split) = (model, dataset, split)
    (correct, samples) = (sums.correct, sums.count)
    accuracy = Double(sums.correct) / Double(max(sums.count, 1))
    loss = sums.lossSum / Double(max(sums.count, 1))
    let interval = WilsonInterval(successes: sums.correct, trials: sums.count)
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

  /// The report as JSON with keys in snake case, sorted, ending with a line end.
  package func json() throws -> Data { try JSONReport.encode(self) }
}

extension EvaluationReport.ClassResult {
  private enum CodingKeys: CodingKey {
    case label, samples, predicted, correct, precision, recall
  }

  /// Writes all fields, those that are absent as null.
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
