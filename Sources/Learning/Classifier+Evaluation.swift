package import Numerics

extension Classifier {
  /// Loss and hits, with moving averages in place of batch statistics. Any number of rows; the
  /// result does not depend on how many are computed at a time.
  package func evaluate(_ minibatch: Minibatch) -> ClassificationSums {
    var sums = ClassificationSums()
    forward(minibatch) { rows, logits in
      kernels.softmaxCrossEntropy(
        logits, labels: minibatch.labels[rows], scale: 1, sums: &sums)
    }
    return sums
  }

  /// Returns the same sums and counts every sample in `confusion`, which must have the model's
  /// classes. The prediction is the first of the largest logits; a sample with a logit that is not
  /// a number has none and counts as wrong.
  package func evaluate(
    _ minibatch: Minibatch, confusion: inout ConfusionMatrix
  ) -> ClassificationSums {
    precondition(confusion.classes == shape.classes, "the matrix does not fit the model")
    var sums = ClassificationSums()
    let correct = confusion.correct
    forward(minibatch) { rows, logits in
      for (row, label) in minibatch.labels[rows].enumerated() {
        confusion.add(label: Int(label), prediction: Self.prediction(logits, row))
      }
      kernels.softmaxCrossEntropy(
        logits, labels: minibatch.labels[rows], scale: 1, sums: &sums)
    }
    sums.correct = confusion.correct - correct  // the kernel takes NaN for class 0
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

  /// The probability of each class. Any number of rows.
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

  /// Computes the logits of `maximumRows` rows at a time, and hands them on with their rows.
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
