package import Numerics

/// The result of one slice of a batch.
package struct SliceResult: Sendable, Equatable {
  /// [layout.count], in the layout of the weights: the gradient of the slice's summed loss divided
  /// by the batch's size, followed by the slice's mean and variance divided by the number of
  /// slices. Summed over all slices of a batch, this is the mean gradient and the mean statistics.
  package let contribution: [Float]
  /// The loss sums of the slice's samples.
  package let sums: SampleSums
}

/// The result of a worker's part of a batch.
package struct TrainingResult: Sendable, Equatable {
  /// One contribution for each run of slices: the sum of the slices'
  /// ``SliceResult/contribution``.
  package let contributions: [[Float]]
  /// The loss sums of each slice's samples.
  package let sums: [SampleSums]
}
