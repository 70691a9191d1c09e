import Tensors

extension Classifier {
  /// Forward and backward over the slices of a batch that this worker holds.
  ///
  /// - Parameters:
  ///   - minibatch: the samples of all given slices, at most `maximumRows`.
  ///   - slices: the rows of each slice: neighbouring, none empty, covering all rows in order.
  ///   - divisor: the number of samples in the whole batch.
  ///   - sliceCount: the number of slices in the whole batch.
  /// - Returns: one result for each slice.
  public func train(
    minibatch: Minibatch, slices: [Range<Int>], divisor: Int, sliceCount: Int
  ) -> [SliceResult] {
    let rows = minibatch.rows
    precondition(rows <= maximumRows && Self.cover(slices, rows: rows), "no slices of the rows")
    check(minibatch)
    let output = lstm.forward(minibatch.pixels, rows: 0..<rows, training: true)
    let statistics = slices.map { normalization?.statistics(of: output.rows($0)) }
    let input = denseInput(output, slices: slices, statistics: statistics)
    dense.forward(input, logits: logits.rows(0..<rows))
    let sums = slices.map { lossGradient(rows: $0, labels: minibatch.labels, divisor: divisor) }
    var contributions = statistics.map { contribution($0, sliceCount: sliceCount) }
    backward(input: input, slices: slices, statistics: statistics, to: &contributions)
    lstm.backward(gradient.rows(0..<rows), slices: slices, into: &contributions)
    return zip(contributions, sums).map { SliceResult(contribution: $0, sums: $1) }
  }

  private static func cover(_ slices: [Range<Int>], rows: Int) -> Bool {
    var end = 0
    for slice in slices {
      guard slice.lowerBound == end, !slice.isEmpty else { return false }
      end = slice.upperBound
    }
    return end == rows
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

  /// [layout.count] zeros where gradients will be, and the slice's share of the mean statistics.
  private func contribution(
    _ statistics: BatchNormalization.Statistics?, sliceCount: Int
  ) -> [Float] {
    var contribution = [Float](repeating: 0, count: shape.layout.count)
    guard let statistics, statistics.followRows else { return contribution }
    let count = Float(sliceCount)
    contribution.replaceSubrange(
      shape.layout.range(of: TensorName.movingMean), with: statistics.mean.map { $0 / count })
    contribution.replaceSubrange(
      shape.layout.range(of: TensorName.movingVariance),
      with: statistics.variance.map { $0 / count })
    return contribution
  }

  /// From the gradient of the logits to that of the LSTM's output, and on the way the gradients
  /// of the dense layer and of batch normalization.
  private func backward(
    input: MatrixView, slices: [Range<Int>], statistics: [BatchNormalization.Statistics?],
    to contributions: inout [[Float]]
  ) {
    let rows = 0..<input.rows
    dense.backward(logits.rows(rows), dX: gradient.rows(rows))
    for (index, slice) in slices.enumerated() {
      dense.accumulate(
        input.rows(slice), logits.rows(slice), into: &contributions[index])
      guard let statistics = statistics[index] else { continue }
      normalization?.backward(
        gradient, rows: slice, statistics: statistics, into: &contributions[index])
    }
  }
}
