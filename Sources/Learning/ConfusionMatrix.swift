/// The number of samples for each pair of label and predicted class.
package struct ConfusionMatrix: Sendable, Hashable {
  /// The number of classes.
  package let classes: Int
  /// [classes, classes] counts in row-major order: rows are labels, columns predictions.
  private var counts: [Int]
  /// Samples without a prediction, by label.
  private var unpredicted: [Int]

  /// Creates a matrix of zeros.
  ///
  /// - Precondition: there is at least one class.
  package init(classes: Int) {
    precondition(classes > 0, "a confusion matrix needs at least one class")
    self.classes = classes
    counts = Array(repeating: 0, count: classes * classes)
    unpredicted = Array(repeating: 0, count: classes)
  }

  /// Counts one sample, whose prediction is nil if its logits are not numbers.
  ///
  /// - Precondition: both are below ``classes``.
  package mutating func add(label: Int, prediction: Int?) {
    guard let prediction else {
      unpredicted[label] += 1
      return
    }
    counts[place(label, prediction)] += 1
  }

  /// The number of samples of class `label` that were classified as `prediction`.
  package subscript(label label: Int, prediction prediction: Int) -> Int {
    counts[place(label, prediction)]
  }

  /// The rows of the matrix, one per label.
  package var rows: [[Int]] {
    (0..<classes).map { Array(counts[$0 * classes..<($0 + 1) * classes]) }
  }

  /// The number of samples.
  package var total: Int { counts.reduce(unclassified, +) }

  /// The number of samples without a prediction; they count as wrong.
  package var unclassified: Int { unpredicted.reduce(0, +) }

  /// The number of samples that were classified correctly.
  package var correct: Int { (0..<classes).reduce(0) { $0 + counts[$1 * classes + $1] } }

  /// Returns the number of samples of a class.
  package func samples(of label: Int) -> Int {
    (0..<classes).reduce(unpredicted[label]) { $0 + self[label: label, prediction: $1] }
  }

  /// Returns the number of samples that were classified as `prediction`.
  package func predictions(of prediction: Int) -> Int {
    (0..<classes).reduce(0) { $0 + self[label: $1, prediction: prediction] }
  }

  /// Returns the share of correct samples among those classified as `prediction`; nil if there are
  /// none.
  package func precision(of prediction: Int) -> Double? {
    share(of: prediction, in: predictions(of: prediction))
  }

  /// Returns the share of a class's samples that were classified correctly; nil if there are none.
  package func recall(of label: Int) -> Double? {
    share(of: label, in: samples(of: label))
  }

  private func share(of index: Int, in whole: Int) -> Double? {
    whole == 0 ? nil : Double(self[label: index, prediction: index]) / Double(whole)
  }

  private func place(_ label: Int, _ prediction: Int) -> Int {
    precondition(
      0..<classes ~= label && 0..<classes ~= prediction,
      "label \(label) or prediction \(prediction) is not in 0..<\(classes)")
    return label * classes + prediction
  }
}
