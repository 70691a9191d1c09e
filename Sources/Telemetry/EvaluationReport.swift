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
  /// Share of correct samples, 0 to 1; zero over no samples.
  package let accuracy: Double
  /// Mean cross entropy in nats; zero over no samples, nil if it is not finite.
  package let loss: Double?
  /// Correct samples, and all of them.
  package let correct: Int, samples: Int
  /// Samples without a prediction, because their logits are not numbers; nil if there are none.
  package let unclassified: Int?
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
    let meanLoss = sums.lossSum / Double(max(sums.count, 1))
    loss = meanLoss.isFinite ? meanLoss : nil
    unclassified = confusion.unclassified == 0 ? nil : confusion.unclassified
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

extension EvaluationReport {
  private enum CodingKeys: CodingKey {
    case model, dataset, split, accuracy, loss, correct, samples, unclassified
    case accuracyInterval, classes, confusionMatrix
  }

  /// Writes a loss that is not finite as null, and leaves out ``unclassified`` if it is nil.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(model, forKey: .model)
    try container.encode(dataset, forKey: .dataset)
    try container.encode(split, forKey: .split)
    try container.encode(accuracy, forKey: .accuracy)
    try container.encode(loss, forKey: .loss)
    try container.encode(correct, forKey: .correct)
    try container.encode(samples, forKey: .samples)
    try container.encodeIfPresent(unclassified, forKey: .unclassified)
    try container.encode(accuracyInterval, forKey: .accuracyInterval)
    try container.encode(classes, forKey: .classes)
    try container.encode(confusionMatrix, forKey: .confusionMatrix)
  }
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
