import Coordination
import Learning
package import Numerics
package import Storage
package import Wire

/// An executor of a worker's jobs, with a dataset in memory.
package final class LeaseRunner: JobRunner {
  private let dataset: Dataset
  private let kernels: Kernels
  private let progress: ComputeProgress
  private var computer: LeaseComputer<DatasetSamples>?

  /// Creates a runner without a model, which the first ``Job/prepare(_:)`` supplies.
  package init(dataset: Dataset, kernels: Kernels, progress: ComputeProgress) {
    self.dataset = dataset
    self.progress = progress
    self.kernels = kernels
  }

  /// Executes one job; prepare must come first, then weights, then leases.
  ///
  /// - Throws: ``ModelMismatch``, or an error about settings, weights or lease, in one line.
  package func run(_ job: Job) throws -> LeaseResult? {
    switch job {
    case .prepare(let welcome):
      computer = nil  // frees its memory before the new model allocates its own
      computer = try makeComputer(welcome)
    case .load(let weights, let version):
      try computer?.load(weights, version: version)
    case .compute(let lease):
      guard let computer else { throw LeaseError.noWeights }
      return try computer.compute(lease)
    case .end: break
    }
    return nil
  }

  private func makeComputer(_ welcome: Welcome) throws -> LeaseComputer<DatasetSamples> {
    let settings = try TrainingSettings(welcome.settings)
    let shape = ModelShape(recipe: settings.recipe, dataset: dataset)
    guard welcome.layout == shape.layout.specs else { throw ModelMismatch() }
    return LeaseComputer(
      settings: settings, shape: shape,
      source: DatasetSamples(dataset, kernels: kernels), kernels: kernels,
      transfers: welcome.transfers, onTimeStep: progress.advance)
  }
}

/// The server's model and this program's have different tensors for the same settings.
struct ModelMismatch: Error, CustomStringConvertible {
  var description: String {
    "the server's model and this program's have different tensors for the same settings; "
      + "use the same version of tributary on both sides"
  }
}
