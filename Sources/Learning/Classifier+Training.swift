import Numerics

extension Classifier {
  /// Forward and backward over the slices of a batch that this worker holds.
  ///
  /// - Parameters:
  ///   - minibatch: the samples of all given slices, at most `maximumRows`.
  ///   - slices: the rows of each slice: neighbouring, none empty, covering all rows in order.
  ///   - runs: which of those slices are summed to one contribution, by their places in `slices`:
  ///     neighbouring, none empty, covering all slices in order. The sum of n > 1 slices is that of
  ///     the first ⌈n / 2⌉ and the others, each summed in the same way.
  ///   - divisor: the number of samples in the whole batch.
  ///   - sliceCount: the number of slices in the whole batch.
  package func train(
    minibatch: Minibatch, slices: [Range<Int>], runs: [Range<Int>], divisor: Int, sliceCount: Int
  ) -> TrainingResult {
    let rows = minibatch.rows
    precondition(rows <= maximumRows && Self.cover(slices, count: rows), "no slices of the rows")
    precondition(Self.cover(runs, count: slices.count), "no runs of the slices")
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

  /// The same with a contribution for each slice.
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

  /// [rows, units] the LSTM's output, each slice normalized by its own statistics.
  private func denseInput(
    _ output: MatrixView, slices: [Range<Int>], statistics: [BatchNormalization.Statistics?]
  ) -> MatrixView {
    guard let normalization else { return output }
    for case (let slice, let statistics?) in zip(slices, statistics) {
      normalization.forward(output, rows: slice, statistics: statistics)
    }
    return normalization.outputs(0..<output.rows)
  }

  /// Loss and hits of a slice; its logits become the gradient of the batch's mean loss.
  private func lossGradient(
    rows: Range<Int>, labels: [UInt8], divisor: Int
  ) -> ClassificationSums {
    var sums = ClassificationSums()
    kernels.softmaxCrossEntropy(
      logits.rows(rows), labels: labels[rows], scale: 1 / Float(divisor), sums: &sums)
    return sums
  }

  /// Leads a slice's gradient back through batch normalization. What that adds to the slice's
  /// contribution, [layout.count]: the gradients of gamma and beta, and its share of the mean
  /// statistics. Nil without normalization.
  private func normalizationShare(
    _ statistics: BatchNormalization.Statistics?, rows: Range<Int>, sliceCount: Int
  ) -> [Float]? {
    guard let normalization, let statistics else { return nil }
    var share = [Float](repeating: 0, count: shape.layout.count)
    normalization.backward(gradient, rows: rows, statistics: statistics, into: &share)
    guard statistics.followRows else { return share }
    let count = Float(sliceCount)
    share.replaceSubrange(
      shape.layout.range(of: TensorName.movingMean), with: statistics.mean.map { $0 / count })
    share.replaceSubrange(
      shape.layout.range(of: TensorName.movingVariance),
      with: statistics.variance.map { $0 / count })
    return share
  }

  /// The sum over a run of slices.
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

  /// The sum of the first half, rounded up, and the second half, each summed in the same way; nil
  /// if there is nothing.
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
