package import Numerics

/// What one slice of a batch adds to a step.
package struct SliceResult: Sendable, Equatable {
  /// [layout.count] in the layout of the weights: the gradient of the slice's summed loss over
  /// the batch's size, then the slice's mean and variance over the number of slices. Summed over
  /// all slices of a batch it is the mean gradient and the mean statistics.
  package let contribution: [Float]
  /// Loss and hits of the slice's samples.
  package let sums: ClassificationSums
}

/// What a worker's share of a batch adds to a step.
package struct TrainingResult: Sendable, Equatable {
  /// One vector [layout.count] for each run of slices, in the layout of the weights: the gradient
  /// of the runs' summed loss over the batch's size, then the sum of the slices' means and
  /// variances over the number of slices. Summed over all slices of a batch it is the mean
  /// gradient and the mean statistics.
  package let contributions: [[Float]]
  /// Loss and hits of each slice's samples.
  package let sums: [ClassificationSums]
}
