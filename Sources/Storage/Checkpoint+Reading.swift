import Coordination
import Learning
package import Numerics
import Wire

extension Checkpoint {
  /// The largest file that is read, in bytes: 8 GiB.
  static let limit = 1 << 33

  /// Reads the checkpoint at `path`; `kernels` compute the updates that follow.
  ///
  /// - Throws: a ``StorageError`` if any bit of the file has changed since it was written, or if no
  ///   server can resume from it.
  package static func read(path: String, kernels: Kernels = Kernels()) throws -> Checkpoint {
    try Checkpoint(InputFile.read(path: path, limit: limit), path: path, kernels: kernels)
  }

  /// Reads and checks the content of a file; `path` is for the error.
  ///
  /// - Throws: ``ContentError``, ``CheckpointError`` or ``SafetensorsError``.
  package init(_ bytes: [UInt8], path: String, kernels: Kernels = Kernels()) throws {
    try Seal.verify(bytes, path: path)
    let file = try Safetensors(bytes, path: path)
    var fields = MetadataReader(file.metadata, path: path)
    try fields.format(Self.format)
    let dataset = try fields.text(.dataset)
    height = try fields.number(.height, in: 1...65536)
    width = try fields.number(.width, in: 1...65536)
    training = try fields.number(.training, in: 1...1 << 32)
    let classes = try fields.number(.classes, in: 1...256)
    let step = try fields.count(.step)
    let isEvaluated = try fields.flag(.isEvaluated)
    let (below, beyond) = (try fields.count(.appliedBelow), try fields.list(.appliedBeyond))
    let audit = try Audit(&fields)
    let quarantine = try fields.incarnations(.quarantine)
    let contributors = try fields.contributors(.contributors, steps: step)
    let settings = try fields.settings()
    let plan = BatchPlan(recipe: settings.recipe, sampleCount: training)
    let applied = try AppliedBatches(
      below: below, beyond: beyond, step: step, plan: plan, settings: settings, path: path)
    guard audit.agrees(with: applied, plan: plan) else {
      throw CheckpointError.unbalanced(path: path)
    }
    let shape = ModelShape(recipe: settings.recipe, height: height, width: width, classes: classes)
    state = ServerState(
      settings: settings, dataset: dataset,
      optimizer: try file.optimizer(shape: shape, step: step, kernels: kernels, path: path),
      applied: applied, audit: audit, isEvaluated: isEvaluated, quarantine: quarantine,
      contributors: contributors)
  }

  /// Checks that `dataset` is the one that the run started with.
  ///
  /// - Throws: ``CheckpointError/otherData(path:found:expected:)`` or
  ///   ``CheckpointError/otherSize(path:samples:expected:)``.
  package func check(_ dataset: Dataset, path: String) throws(CheckpointError) {
    guard state.dataset == dataset.fingerprint else {
      throw .otherData(path: path, found: dataset.fingerprint, expected: state.dataset)
    }
    let classes = state.optimizer.shape.classes
    guard training == dataset.count(.train),
      (height, width, classes) == (dataset.height, dataset.width, dataset.classes)
    else {
      throw .otherSize(path: path, samples: training, expected: dataset.count(.train))
    }
  }
}

extension Audit {
  /// The counts that a run can reach, with room for more.
  private static let counts = 0...1 << 53

  fileprivate init(_ fields: inout MetadataReader) throws(ContentError) {
    self.init()
    samplesApplied = try fields.count(.samplesApplied)
    duplicatesRefused = UInt64(try fields.number(.duplicatesRefused, in: Self.counts))
    staleRefused = UInt64(try fields.number(.staleRefused, in: Self.counts))
    resultsRejected = UInt64(try fields.number(.resultsRejected, in: Self.counts))
    leasesReissued = UInt64(try fields.number(.leasesReissued, in: Self.counts))
    epochsComplete = try fields.count(.epochsComplete)
    openEpochs = try fields.counts(.openEpochs)
    leasesAudited = UInt64(try fields.number(.leasesAudited, in: Self.counts, default: 0))
    resultsDiffering = UInt64(try fields.number(.resultsDiffering, in: Self.counts, default: 0))
  }

  /// Whether the counters are those of exactly these batches.
  fileprivate func agrees(with applied: AppliedBatches, plan: BatchPlan) -> Bool {
    let size = UInt64(plan.sampleCount)
    var audit = Audit()
    if applied.prefix > 0 {
      let end = plan.positions(batch: applied.prefix - 1).upperBound
      audit.record(positions: 0..<end, epochSize: size)
    }
    for batch in applied.beyond {
      audit.record(positions: plan.positions(batch: batch), epochSize: size)
    }
    return audit.samplesApplied == samplesApplied && audit.epochsComplete == epochsComplete
      && audit.openEpochs == openEpochs
  }
}

extension AppliedBatches {
  /// Creates the batches of a checkpoint, which must be in the plan and as many as the updates.
  ///
  /// No batch is applied before the evaluation that precedes it. With a batch from beyond the next
  /// evaluation, that evaluation would begin one batch early, while a worker computes that batch;
  /// leased again after the evaluation, it could be applied twice.
  fileprivate init(
    below: UInt64, beyond: [UInt64], step: UInt64, plan: BatchPlan, settings: TrainingSettings,
    path: String
  ) throws(CheckpointError) {
    let every = settings.recipe.evaluateEvery
    guard step <= plan.steps, below <= step else {
      throw .batches(path: path, applied: below &+ UInt64(beyond.count), step: step)
    }
    let end = every > 0 ? min((step + every - 1) / every * every, plan.steps) : plan.steps
    guard beyond.allSatisfy({ $0 > below && $0 < end }), below + UInt64(beyond.count) == step,
      settings.mode != .sync || beyond.isEmpty
    else {
      throw .batches(path: path, applied: below &+ UInt64(beyond.count), step: step)
    }
    self.init(prefix: below, beyond: beyond)
  }
}

extension Safetensors {
  /// Returns the optimizer with the weights and moments in the tensors.
  fileprivate func optimizer(
    shape: ModelShape, step: UInt64, kernels: Kernels, path: String
  ) throws -> Optimizer {
    let entries = shape.layout.entries
    let trainable = entries.filter(\.trainable)
    let expected = entries.count + 2 * trainable.count
    guard tensors.count <= expected else {
      throw CheckpointError.extraTensors(path: path, count: tensors.count, expected: expected)
    }
    return Optimizer(
      shape: shape, weights: try vector(of: entries, path: path),
      firstMoment: try vector(of: trainable, suffix: Checkpoint.slots.first, path: path),
      secondMoment: try vector(of: trainable, suffix: Checkpoint.slots.second, path: path),
      step: step, kernels: kernels)
  }
}
