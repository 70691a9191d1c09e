/// The loss and the number of correct classifications, summed over samples.
package struct SampleSums: Sendable, Hashable {
  /// Sum of the samples' cross entropies, in nats, added in the order of the samples.
  package var lossSum: Double
  /// Number of samples whose first greatest logit is that of their label.
  package var correct: UInt64
  /// Number of samples.
  package var count: UInt64

  /// Creates sums from their parts; by default, the sums over no samples.
  package init(lossSum: Double = 0, correct: UInt64 = 0, count: UInt64 = 0) {
    self.lossSum = lossSum
    self.correct = correct
    self.count = count
  }

  /// Creates the sums over several groups of samples, added in the order given.
  package init(adding parts: some Sequence<SampleSums>) {
    self.init()
    for part in parts { self += part }
  }

  /// Adds the sums over further samples.
  package static func += (sums: inout SampleSums, part: SampleSums) {
    sums.lossSum += part.lossSum
    sums.correct += part.correct
    sums.count += part.count
  }

  /// Mean cross entropy in nats; zero over no samples.
  package var meanLoss: Double { count == 0 ? 0 : lossSum / Double(count) }
  /// Share of correct samples, 0 to 1; zero over no samples.
  package var accuracy: Double { count == 0 ? 0 : Double(correct) / Double(count) }
}
