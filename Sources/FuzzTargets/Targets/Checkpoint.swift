import Coordination
import Learning
import Numerics
import Storage
import Wire

extension FuzzTarget {
  /// A checkpoint with lies in its metadata, shapes and elements, and a valid checksum: one that is
  /// read is written as the same bytes, and an honest worker completes the run from it.
  static let checkpoint = FuzzTarget("checkpoint", "checkpoints") { bytes throws(Finding) in
    var source = ByteSource(bytes)
    let run = TinyRun(&source)
    let valid = checkpoint(of: run, &source)
    guard let serialized = try? valid.serialized(),
      let file = try? Safetensors(serialized, path: "file")
    else { throw Finding("a valid checkpoint cannot be written") }
    try require(resumable(serialized) != nil, "a valid checkpoint is rejected")
    var parts = SafetensorsParts(file)
    for _ in 0...source.below(3) { parts.lie(&source) }
    guard let read = resumable(parts.file) else { return }
    guard let first = try? read.serialized(), let again = resumable(first),
      (try? again.serialized()) == first
    else { throw Finding("a checkpoint that was read cannot be written and read again") }
    try require(ModelFile(read).weights == read.state.optimizer.weights, "the model differs")
    try resume(read)
  }

  private static func resumable(_ bytes: [UInt8]) -> Checkpoint? {
    try? Checkpoint(bytes, path: "file")
  }

  /// Returns the checkpoint of a server after some results of one honest worker.
  private static func checkpoint(of run: TinyRun, _ source: inout ByteSource) -> Checkpoint {
    var worker = HonestWorker(run, core: ServerCore(run.initialState, of: run, incarnation: 1))
    for _ in 0..<source.below(8) { worker.serve() }
    return Checkpoint(
      worker.core.state, height: TinyRun.side, width: TinyRun.side,
      training: run.dataset.training)
  }

  /// Continues the run of a checkpoint with an honest worker, if its model and plan are small.
  private static func resume(_ checkpoint: Checkpoint) throws(Finding) {
    let state = checkpoint.state
    let run = TinyRun(
      settings: state.settings,
      dataset: DatasetDescription(
        fingerprint: state.dataset, training: checkpoint.training, validation: 3, test: 2),
      shape: state.optimizer.shape)
    var worker = HonestWorker(run, core: ServerCore(state, of: run, incarnation: 2))
    let isSmall = run.plan.steps - worker.core.version < 20 && checkpoint.training < 1000
    guard isSmall, run.settings.recipe.batchSize < 100 else { return }
    for _ in 0..<100 where worker.outcome == nil { worker.serve() }
    let core = worker.core
    let applied = (0..<run.plan.steps).filter(core.applied.contains).count
    try require(
      UInt64(applied) == core.version, "\(core.version) updates are of \(applied) batches")
    guard let outcome = worker.outcome else { throw Finding("a resumed run does not end") }
    if case .diverged = outcome { return }
    try require(
      outcome == .completed && core.version == run.plan.steps,
      "a resumed run ends as \(outcome) at step \(core.version) of \(run.plan.steps)")
  }
}
