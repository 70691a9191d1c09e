package import Numerics

extension Classifier {
  /// Computes the loss and the number of correct classifications, using moving averages instead of
  /// batch statistics. The minibatch may have any number of rows; the result does not depend on
  /// `maximumRows`.
  package func evaluate(_ minibatch: Minibatch) -> SampleSums {
    evaluate(minibatch) { _, _ in }
  }

  /// Computes the loss and the number of correct classifications, and adds every sample to
  /// `confusion`, which must have the model's number of classes. The prediction is the first
  /// greatest logit; a sample with a logit that is not a number has none and counts as wrong.
  package func evaluate(
    _ minibatch: Minibatch, confusion: inout ConfusionMatrix
  ) -> SampleSums {
    precondition(
      confusion.classes == shape.classes,
      "a matrix of \(confusion.classes) classes for a model of \(shape.classes)")
    let correct = confusion.correct
    var sums = evaluate(minibatch) { rows, logits in
      for (row, label) in minibatch.labels[rows].enumerated() {
        confusion.add(label: Int(label), prediction: Self.prediction(logits, row))
      }
    }
    sums.correct = UInt64(confusion.correct - correct)  // the kernel counts NaN as class 0
    return sums
  }

  /// Computes the sums over a minibatch and calls `inspect` with the logits of each group of rows.
  private func evaluate(
    _ minibatch: Minibatch, inspect: (Range<Int>, MatrixView) -> Void
  ) -> SampleSums {
    var sums = SampleSums()
    forward(minibatch) { rows, logits in
      inspect(rows, logits)
      kernels.softmaxCrossEntropy(
        logits, labels: minibatch.labels[rows], scale: 1, sums: &sums)
    }
    return sums
  }

  /// Returns the first of the largest logits of a row; nil if one is not a number.
  private static func prediction(_ logits: MatrixView, _ row: Int) -> Int? {
    var best = 0
    for column in 0..<logits.columns {
      if logits[row, column].isNaN { return nil }
      if logits[row, column] > logits[row, best] { best = column }
    }
    return best
  }

  /// Computes the probability of each class. The minibatch may have any number of rows.
  ///
  /// - Returns: [rows, classes].
  package func predict(_ minibatch: Minibatch) -> [Float] {
    var probabilities: [Float] = []
    forward(minibatch) { _, logits in
      kernels.softmax(logits)
      probabilities += logits.array
    }
    return probabilities
  }

  /// Computes the logits of up to `maximumRows` rows at a time and passes each group of rows with
  /// its logits to `use`.
  private func forward(_ minibatch: Minibatch, use: (Range<Int>, MatrixView) -> Void) {
    check(minibatch)
    for start in stride(from: 0, to: minibatch.rows, by: maximumRows) {
      let rows = start..<min(start + maximumRows, minibatch.rows)
      let output = lstm.forward(minibatch.pixels, rows: rows, training: false)
      let result = logits.rows(0..<rows.count)
      dense.forward(normalization?.evaluate(output) ?? output, logits: result)
      use(rows, result)
    }
  }
}
