extension Kernels {
  /// Replaces each row of `logits` [rows, classes] by its softmax.
  package func softmax(_ logits: MatrixView) {
    precondition(logits.columns > 0, "softmax needs at least one class")
    unsafe table.softmax(logits.base, logits.stride, logits.rows, logits.columns)
  }

  /// Adds the softmax cross entropy of `logits` [rows, classes] to `sums`, sample by sample, and
  /// replaces the logits by their gradient (softmax − one-hot label) · `scale`.
  ///
  /// `labels` has one element per row, each less than the number of classes.
  package func softmaxCrossEntropy(
    _ logits: MatrixView, labels: ArraySlice<UInt8>, scale: Float, sums: inout SampleSums
  ) {
    precondition(
      labels.count == logits.rows, "\(labels.count) labels for \(logits.rows) rows of logits")
    precondition(
      labels.allSatisfy { Int($0) < logits.columns }, "a label is not in 0..<\(logits.columns)")
    var correct: Int64 = 0
    unsafe labels.withUnsafeBufferPointer { labels in
      guard let first = labels.baseAddress else { return }
      unsafe table.crossEntropy(
        logits.base, logits.stride, first, logits.rows, logits.columns, scale, &sums.lossSum,
        &correct)
    }
    sums.correct += UInt64(correct)
    sums.count += UInt64(logits.rows)
  }
}
