import Coordination
import Learning
package import Storage
import Synchronization
package import Wire

/// A worker's executor of jobs that checks, before it creates its first model, whether there is
/// memory for it.
package final class MemoryCheckedRunner: JobRunner {
  /// The shortage that ended a worker, if one did.
  package final class Finding: Sendable {
    private let value = Mutex<MemoryShortage?>(nil)

    /// Creates a value without a shortage.
    package init() {}

    /// The shortage.
    package fileprivate(set) var shortage: MemoryShortage? {
      get { value.withLock { $0 } }
      set { value.withLock { $0 = newValue } }
    }
  }

  private let runner: any JobRunner
  private let dataset: Dataset
  private let finding: Finding
  private var isChecked = false

  /// Creates a runner that passes all jobs to `runner`, for samples of `dataset`.
  package init(_ runner: any JobRunner, dataset: Dataset, finding: Finding) {
    self.runner = runner
    self.dataset = dataset
    self.finding = finding
  }

  /// Executes one job.
  ///
  /// - Throws: ``MemoryShortage``, or an error of the other runner.
  package func run(_ job: Job) throws -> LeaseResult? {
    if case .prepare(let welcome) = job, !isChecked {
      try check(welcome)
      isChecked = true
    }
    return try runner.run(job)
  }

  private func check(_ welcome: Welcome) throws {
    let settings = try TrainingSettings(welcome.settings)
    let shape = ModelShape(recipe: settings.recipe, dataset: dataset)
    do throws(MemoryShortage) {
      try MemoryShortage.check(
        MemoryShortage.worker(settings, shape, of: 1), for: "this worker")
    } catch {
      finding.shortage = error
      throw error
    }
  }
}
