import Coordination
package import Learning
package import Numerics
package import Wire

/// A dataset as a source of samples for leases, with the kernels that convert its pixels.
package struct DatasetSamples: SampleSource {
  private let dataset: Dataset
  private let kernels: Kernels

  /// Creates a source of a dataset's samples.
  package init(_ dataset: Dataset, kernels: Kernels) {
    self.dataset = dataset
    self.kernels = kernels
  }

  /// Returns the samples of `split` at `indices`, with pixels in the order of `scan`.
  package func minibatch(_ split: Split, indices: [Int], scan: Scan) -> Minibatch {
    dataset.minibatch(split, indices: indices, scan: scan, kernels: kernels)
  }

  /// Returns the number of samples in `split`.
  package func count(_ split: Split) -> Int { dataset.count(split) }
}
