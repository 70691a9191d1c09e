package import Coordination
package import Learning
package import Numerics
package import Storage
import Telemetry

/// The start of a run: its folder and the state to begin with. While this value exists, no other
/// server can write into the folder.
package struct RunStart {
  /// The run's folder.
  package let folder: RunFolder
  /// The state that the server starts from.
  package private(set) var state: ServerState
  /// The checkpoints of the run.
  var checkpoints: CheckpointFolder
  /// Whether the run is resumed.
  private(set) var isResumed: Bool
  /// Whether the state is not that of a checkpoint: of a new run, or of one with a new length.
  private(set) var isChanged: Bool
  private let lock: RunLock

  /// The settings of the run.
  package var settings: TrainingSettings { state.settings }

  /// Creates the start of a new run in the folder at `path`; a missing folder is created.
  ///
  /// - Parameter initialModel: the path of the model, or of the run, whose weights the run begins
  ///   with; nil for random ones. The model is copied into the folder.
  /// - Throws: ``RunError`` if the folder holds a run, or if the model is of another shape; a
  ///   ``StorageError``.
  package init(
    _ settings: TrainingSettings, in path: String, initialModel: String? = nil, dataset: Dataset,
    kernels: Kernels = Kernels()
  ) throws {
    folder = try RunFolder(path)
    lock = try RunLock(folder)
    guard !RunFolder.holdsRun(path) else {
      throw RunError.holdsRun(folder: path)
    }
    if let initialModel {
      let (model, file) = try ModelFile.find(initialModel, warn: { _ in })
      try Self.check(model, path: file, settings, dataset)
      try model.write(to: folder.initialModel)
    }
    state = try Self.initialState(settings, in: folder, dataset: dataset, kernels: kernels)
    checkpoints = try CheckpointFolder(folder.checkpoints)
    (isResumed, isChanged) = (false, true)
  }

  /// Creates the start of the run in the folder at `path`, from its newest valid checkpoint.
  ///
  /// - Parameters:
  ///   - length: the new length of the run, at least its former one; nil for that one.
  ///   - mayBeComplete: whether a complete run is accepted as well.
  ///   - warn: called with the error of each newer, invalid checkpoint.
  /// - Throws: ``RunError`` if there is nothing to resume; a ``StorageError``, also if the run was
  ///   started with other data.
  package init(
    resuming path: String, length: TrainingLength? = nil, dataset: Dataset,
    kernels: Kernels = Kernels(), mayBeComplete: Bool = false, warn: (any Error) -> Void
  ) throws {
    guard RunFolder.holdsRun(path) else {
      throw RunError.noRun(folder: path)
    }
    folder = try RunFolder(path)
    lock = try RunLock(folder)
    checkpoints = try CheckpointFolder(folder.checkpoints)
    let (checkpoint, file) = try checkpoints.latest(kernels: kernels, warn: warn)
    try checkpoint.check(dataset, path: file)
    let state = try Self.lengthened(
      checkpoint.state, to: length, of: path, in: checkpoints, dataset: dataset,
      kernels: kernels)
    self.state = state
    isResumed = true
    isChanged = state.settings != checkpoint.state.settings
    let isComplete = Self.isComplete(folder, state, sampleCount: checkpoint.training)
    guard mayBeComplete || !isComplete else {
      throw RunError.complete(folder: path, steps: state.optimizer.step)
    }
  }

  /// Returns to the newest weights before `step`: those of a server that has ended, of a
  /// checkpoint, or the initial ones. The later checkpoints are removed.
  ///
  /// - Parameter last: the state of the server, whose quarantine and counters of audits are kept.
  /// - Throws: a ``StorageError``.
  mutating func go(
    backBefore step: UInt64, from last: ServerState, dataset: Dataset, kernels: Kernels
  ) throws {
    let found =
      try last.optimizer.step < step
      ? last : checkpoints.newest(before: step, kernels: kernels)?.state
    let earlier =
      try found ?? Self.initialState(settings, in: folder, dataset: dataset, kernels: kernels)
    state = earlier.taking(over: last)
    isResumed = true
    try checkpoints.go(backTo: Checkpoint(state, dataset: dataset))
  }

  /// Whether the run is complete. The report is the last file of a run; if a server is killed
  /// before it is written, the next server writes model and report.
  private static func isComplete(
    _ folder: RunFolder, _ state: ServerState, sampleCount: Int
  ) -> Bool {
    struct Ended: Decodable { let outcome: String }
    let plan = BatchPlan(recipe: state.settings.recipe, sampleCount: sampleCount)
    guard state.isEvaluated, state.optimizer.step == plan.steps,
      let report = try? InputFile.read(path: folder.report, limit: 1 << 20)
    else { return false }
    return (try? ReportJSON.decode(Ended.self, from: report))?.outcome == "completed"
  }
}

extension ServerState {
  /// Returns the state with the quarantine and the counters of audits of a later one.
  fileprivate func taking(over later: ServerState) -> ServerState {
    var audit = audit
    audit.leasesAudited = later.audit.leasesAudited
    audit.resultsDiffering = later.audit.resultsDiffering
    return ServerState(
      settings: settings, dataset: dataset, optimizer: optimizer, applied: applied, audit: audit,
      isEvaluated: isEvaluated, quarantine: later.quarantine, contributors: contributors)
  }
}
