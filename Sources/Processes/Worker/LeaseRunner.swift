import Coordination
import Learning
import Numerics
import Storage
import Wire

/// Does a worker's jobs with a dataset in memory.
final class LeaseRunner: JobRunner {
  private let dataset: Dataset
  private let kernels: Kernels
  private let progress: ComputeProgress
  private var computer: LeaseComputer<DatasetSource>?

  /// A runner that has no model yet.
  init(dataset: Dataset, kernels: Kernels, progress: ComputeProgress) {
    self.dataset = dataset
    self.progress = progress
    self.kernels = kernels
  }

  func run(_ job: Job) throws -> LeaseResult? {
    switch job {
    case .prepare(let welcome):
      computer = nil  // its memory first
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

  private func makeComputer(_ welcome: Welcome) throws -> LeaseComputer<DatasetSource> {
    let settings = try TrainingSettings(welcome.settings)
    let shape = ModelShape(
      recipe: settings.recipe, height: dataset.height, width: dataset.width,
      classes: dataset.classes)
    guard welcome.layout == shape.layout.specs else { throw ModelMismatch() }
    return LeaseComputer(
      settings: settings, shape: shape,
      source: DatasetSource(dataset: dataset, kernels: kernels), kernels: kernels,
      onTimeStep: progress.move)
  }
}

/// The server lays out its model in another way than this program.
struct ModelMismatch: Error, CustomStringConvertible {
  var description: String {
    "the server's model has other tensors than this program makes of its settings; "
      + "use the same version of tributary on both sides"
  }
}

/// The dataset as a worker's source of samples.
struct DatasetSource: SampleSource {
  let dataset: Dataset
  let kernels: Kernels

  func minibatch(_ split: Split, indices: [Int], scan: Scan) -> Minibatch {
    dataset.minibatch(split, indices: indices, scan: scan, kernels: kernels)
  }

  func count(_ split: Split) -> Int { dataset.count(split) }
}
