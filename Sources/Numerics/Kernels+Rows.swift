/// Loss and hits over samples.
package struct ClassificationSums: Sendable, Hashable {
  /// Sum of the samples' cross entropies (natural logarithm), added in the order of the samples.
  package var lossSum: Double
  /// Samples whose first greatest logit is that of their label.
  package var correct: Int
  /// Number of samples.
  package var count: Int

  /// The sums over no samples, or given ones.
  package init(lossSum: Double = 0, correct: Int = 0, count: Int = 0) {
    self.lossSum = lossSum
    self.correct = correct
    self.count = count
  }
}

extension Kernels {
  /// Replaces each row of `logits` [rows, classes] by its softmax.
  package func softmax(_ logits: MatrixView) {
    precondition(logits.columns > 0, "softmax needs at least one class")
    table.softmax(logits.base, logits.stride, logits.rows, logits.columns)
  }

  /// Adds the softmax cross entropy of `logits` [rows, classes] to `sums`, sample by sample, and
  /// replaces the logits by their gradient (softmax − one-hot label) · `scale`.
  ///
  /// Row r belongs to `labels[r]`; every label must be less than the number of classes.
  package func softmaxCrossEntropy(
    _ logits: MatrixView, labels: ArraySlice<UInt8>, scale: Float, sums: inout ClassificationSums
  ) {
    precondition(
      labels.count == logits.rows, "\(labels.count) labels for \(logits.rows) rows of logits")
    precondition(labels.allSatisfy { Int($0) < logits.columns }, "a label exceeds the classes")
    var correct: Int64 = 0
    labels.withUnsafeBufferPointer { labels in
      guard let first = labels.baseAddress else { return }
      table.crossEntropy(
        logits.base, logits.stride, first, logits.rows, logits.columns, scale, &sums.lossSum,
        &correct)
    }
    sums.correct += Int(correct)
    sums.count += logits.rows
  }
}
