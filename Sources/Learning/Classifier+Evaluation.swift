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
  /// greatest logit, so the matrix and the returned sums contain the same number of correct
  /// samples.
  package func evaluate(
    _ minibatch: Minibatch, confusion: inout ConfusionMatrix
  ) -> SampleSums {
    precondition(
      confusion.classes == shape.classes,
      "a matrix of \(confusion.classes) classes for a model of \(shape.classes)")
    return evaluate(minibatch) { rows, logits in
      for (row, label) in minibatch.labels[rows].enumerated() {
        confusion.add(label: Int(label), prediction: Self.firstGreatest(logits, row))
      }
    }
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

  private static func firstGreatest(_ logits: MatrixView, _ row: Int) -> Int {
    var best = 0
    for column in 1..<max(logits.columns, 1) where logits[row, column] > logits[row, best] {
      best = column
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
