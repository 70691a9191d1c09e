import Numerics

extension Classifier {
  /// Computes the forward and backward pass over the slices of a lease.
  ///
  /// - Parameters:
  ///   - minibatch: the samples of all given slices, at most `maximumRows`.
  ///   - slices: the rows of each slice: adjacent, not empty, covering all rows in order.
  ///   - runs: the slices that are summed to one contribution, as ranges of indices into `slices`:
  ///     adjacent, not empty, covering all slices in order. The sum of n > 1 slices is the sum of
  ///     the first ⌈n / 2⌉ plus the sum of the rest, each computed in the same way.
  ///   - divisor: the number of samples in the whole batch.
  ///   - sliceCount: the number of slices in the whole batch.
  package func train(
    minibatch: Minibatch, slices: [Range<Int>], runs: [Range<Int>], divisor: Int, sliceCount: Int
  ) -> TrainingResult {
    let rows = minibatch.rows
    precondition(rows <= maximumRows, "\(rows) rows for a workspace of \(maximumRows)")
    precondition(Self.cover(slices, count: rows), "the slices do not cover the \(rows) rows")
    precondition(
      Self.cover(runs, count: slices.count), "the runs do not cover the \(slices.count) slices")
    check(minibatch)
    let output = lstm.forward(minibatch.pixels, rows: 0..<rows, training: true)
    let statistics = slices.map { normalization?.statistics(of: output.rows($0)) }
    let input = denseInput(output, slices: slices, statistics: statistics)
    dense.forward(input, logits: logits.rows(0..<rows))
    let sums = slices.map { lossGradient(rows: $0, labels: minibatch.labels, divisor: divisor) }
    dense.backward(logits.rows(0..<rows), dX: gradient.rows(0..<rows))
    let shares = zip(slices, statistics).map { slice, statistics in
      normalizationShare(statistics, rows: slice, sliceCount: sliceCount)
    }
    lstm.backward(gradient.rows(0..<rows))
    let contributions = runs.map { run in
      contribution(slices: slices[run], shares: shares[run], input: input)
    }
    return TrainingResult(contributions: contributions, sums: sums)
  }

  /// Computes the forward and backward pass with a separate contribution for each slice.
  package func train(
    minibatch: Minibatch, slices: [Range<Int>], divisor: Int, sliceCount: Int
  ) -> [SliceResult] {
    let result = train(
      minibatch: minibatch, slices: slices, runs: slices.indices.map { $0..<$0 + 1 },
      divisor: divisor, sliceCount: sliceCount)
    return zip(result.contributions, result.sums).map { SliceResult(contribution: $0, sums: $1) }
  }

  private static func cover(_ ranges: [Range<Int>], count: Int) -> Bool {
    var end = 0
    for range in ranges {
      guard range.lowerBound == end, !range.isEmpty else { return false }
      end = range.upperBound
    }
    return end == count
  }

  /// Returns the LSTM's output, [rows, units], each slice normalized with its statistics.
  private func denseInput(
    _ output: MatrixView, slices: [Range<Int>], statistics: [BatchNormalization.Statistics?]
  ) -> MatrixView {
    guard let normalization else { return output }
    for case (let slice, let statistics?) in zip(slices, statistics) {
      normalization.forward(output, rows: slice, statistics: statistics)
    }
    return normalization.outputs(0..<output.rows)
  }

  /// Computes the loss sums of a slice and replaces its logits by the gradient of the batch's mean
  /// loss.
  private func lossGradient(
    rows: Range<Int>, labels: [UInt8], divisor: Int
  ) -> SampleSums {
    var sums = SampleSums()
    kernels.softmaxCrossEntropy(
      logits.rows(rows), labels: labels[rows], scale: 1 / Float(divisor), sums: &sums)
    return sums
  }

  /// Backpropagates a slice's gradient through batch normalization and returns the part of the
  /// slice's contribution, [layout.count], that results: the gradients of gamma and beta, and the
  /// slice's share of the mean statistics. Nil without normalization.
  private func normalizationShare(
    _ statistics: BatchNormalization.Statistics?, rows: Range<Int>, sliceCount: Int
  ) -> [Float]? {
    guard let normalization, let statistics else { return nil }
    var share = [Float](repeating: 0, count: shape.layout.count)
    normalization.backward(gradient, rows: rows, statistics: statistics, into: &share)
    guard statistics.dependOnRows else { return share }
    let count = Float(sliceCount)
    share.replaceSubrange(
      shape.layout.range(of: TensorName.movingMean), with: statistics.mean.map { $0 / count })
    share.replaceSubrange(
      shape.layout.range(of: TensorName.movingVariance),
      with: statistics.variance.map { $0 / count })
    return share
  }

  /// Returns the sum of the contributions of a run of slices.
  private func contribution(
    slices: ArraySlice<Range<Int>>, shares: ArraySlice<[Float]?>, input: MatrixView
  ) -> [Float] {
    var contribution =
      treeSum(shares) ?? [Float](repeating: 0, count: shape.layout.count)
    guard let first = slices.first?.lowerBound, let end = slices.last?.upperBound else {
      return contribution
    }
    let within = slices.map { $0.lowerBound - first..<$0.upperBound - first }
    dense.gradients(
      input.rows(first..<end), logits.rows(first..<end), slices: within, into: &contribution,
      scratch: scratch)
    lstm.gradients(of: first..<end, slices: within, into: &contribution, scratch: scratch)
    return contribution
  }

  /// Returns the sum of the first half (rounded up) plus the sum of the second half, each computed
  /// in the same way; nil if there are no shares.
  private func treeSum(_ shares: ArraySlice<[Float]?>) -> [Float]? {
    guard shares.count > 1 else { return shares.first ?? nil }
    let middle = shares.startIndex + (shares.count + 1) / 2
    guard var sum = treeSum(shares[..<middle]), let others = treeSum(shares[middle...]) else {
      return nil
    }
    kernels.add(into: &sum, others)
    return sum
  }
}
