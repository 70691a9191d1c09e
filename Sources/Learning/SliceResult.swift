public import Tensors

/// What one slice of a batch adds to a step.
public struct SliceResult: Sendable, Equatable {
  /// [layout.count] in the layout of the weights: the gradient of the slice's summed loss over
  /// the batch's size, then the slice's mean and variance over the number of slices. Summed over
  /// all slices of a batch it is the mean gradient and the mean statistics.
  public let contribution: [Float]
  /// Loss and hits of the slice's samples.
  public let sums: ClassificationSums
}

/// What a worker's share of a batch adds to a step.
public struct TrainingResult: Sendable, Equatable {
  /// One vector [layout.count] for each run of slices, in the layout of the weights: the gradient
  /// of the runs' summed loss over the batch's size, then the sum of the slices' means and
  /// variances over the number of slices. Summed over all slices of a batch it is the mean
  /// gradient and the mean statistics.
  public let contributions: [[Float]]
  /// Loss and hits of each slice's samples.
  public let sums: [ClassificationSums]
}
