/// How often samples of each class were taken for each class.
package struct ConfusionMatrix: Sendable, Hashable {
  /// The number of classes.
  package let classes: Int
  /// [classes, classes] counts, row by row: a row is a label, a column a prediction.
  private var counts: [Int]
  /// Samples without a prediction, by label.
  private var unpredicted: [Int]

  /// A matrix of no samples.
  ///
  /// - Precondition: there is at least one class.
  package init(classes: Int) {
    precondition(classes > 0, "there must be a class")
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

  /// The number of samples of class `label` that were taken for `prediction`.
  package subscript(label label: Int, prediction prediction: Int) -> Int {
    counts[place(label, prediction)]
  }

  /// The rows of the matrix, one for each label.
  package var rows: [[Int]] {
    (0..<classes).map { Array(counts[$0 * classes..<($0 + 1) * classes]) }
  }

  /// The number of samples.
  package var total: Int { counts.reduce(unclassified, +) }

  /// The number of samples without a prediction; they count as wrong.
  package var unclassified: Int { unpredicted.reduce(0, +) }

  /// The number of samples that were taken for what they are.
  package var correct: Int { (0..<classes).reduce(0) { $0 + counts[$1 * classes + $1] } }

  /// The number of samples of a class.
  package func samples(of label: Int) -> Int {
    (0..<classes).reduce(unpredicted[label]) { $0 + self[label: label, prediction: $1] }
  }

  /// The number of samples that were taken for a class.
  package func predictions(of prediction: Int) -> Int {
    (0..<classes).reduce(0) { $0 + self[label: $1, prediction: prediction] }
  }

  /// The share of the samples taken for a class that are of it; nil if none was.
  package func precision(of prediction: Int) -> Double? {
    share(of: prediction, in: predictions(of: prediction))
  }

  /// The share of a class's samples that were taken for it; nil if there is none.
  package func recall(of label: Int) -> Double? {
    share(of: label, in: samples(of: label))
  }

  private func share(of index: Int, in whole: Int) -> Double? {
    whole == 0 ? nil : Double(self[label: index, prediction: index]) / Double(whole)
  }

  private func place(_ label: Int, _ prediction: Int) -> Int {
    precondition(
      0..<classes ~= label && 0..<classes ~= prediction,
      "\(label) taken for \(prediction) does not fit \(classes) classes")
    return label * classes + prediction
  }
}
