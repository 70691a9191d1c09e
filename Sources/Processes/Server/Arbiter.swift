import Coordination
import Learning
import Numerics
import Storage
import Wire
import ZeroMQ

/// The thread that computes leases for the server, with the dataset in memory: audited ones, and
/// those with a result that is not finite.
package struct Arbiter: ~Copyable {
  private let thread: ComputeThread
  private let bell: Doorbell

  /// Starts the thread for a run; it allocates the memory of a model with its first lease.
  ///
  /// - Throws: ``ZeroMQError`` if the process has no descriptors left.
  init(
    _ settings: TrainingSettings, dataset: Dataset, kernels: Kernels, context: Context
  ) throws(ZeroMQError) {
    thread = try ComputeThread(context: context) {
      ArbiterRunner(settings, dataset: dataset, kernels: kernels)
    }
    bell = thread.takeBell()
  }

  deinit {
    thread.clear()
    thread.put(.end)
    try? bell.ring()
    thread.join()
  }

  /// Adds the source that is readable when there are results.
  func add<Key>(to poller: inout Poller<Key>, as key: Key) { poller.add(bell, as: key) }

  /// Begins to compute a lease.
  func compute(_ lease: Lease, weights: PiecewiseVector) throws(ZeroMQError) {
    thread.put(.load(weights, version: lease.version))
    thread.put(.compute(lease))
    try bell.ring()
  }

  /// Returns the results that are ready.
  func takeResults() throws(ZeroMQError) -> [JobResult] {
    try bell.drain()
    return thread.takeResults()
  }
}

/// An executor of the server's leases.
private final class ArbiterRunner: JobRunner {
  private let computer: LeaseComputer<DatasetSamples>

  init(_ settings: TrainingSettings, dataset: Dataset, kernels: Kernels) {
    let shape = ModelShape(recipe: settings.recipe, dataset: dataset)
    computer = LeaseComputer(
      settings: settings, shape: shape, source: DatasetSamples(dataset, kernels: kernels),
      kernels: kernels)
  }

  func run(_ job: Job) throws -> LeaseResult? {
    switch job {
    case .load(let weights, let version): try computer.load(weights, version: version)
    case .compute(let lease): return try computer.compute(lease)
    case .prepare, .end: break
    }
    return nil
  }
}
