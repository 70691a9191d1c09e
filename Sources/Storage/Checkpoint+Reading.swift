import Coordination
import Learning
package import Numerics
import Wire

extension Checkpoint {
  /// The longest file that is read, in bytes: 8 GiB.
  static let limit = 1 << 33

  /// Reads the checkpoint at `path`; `kernels` compute the updates that follow.
  ///
  /// - Throws: a ``StorageError`` for a file that is not to the bit what was written, or that no
  ///   server can go on from.
  package static func read(path: String, kernels: Kernels = Kernels()) throws -> Checkpoint {
    try Checkpoint(InputFile.read(path: path, limit: limit), path: path, kernels: kernels)
  }

  /// Checks and reads the content of a file; `path` is for the error.
  ///
  /// - Throws: ``CheckpointError`` or ``SafetensorsError``.
  package init(_ bytes: [UInt8], path: String, kernels: Kernels = Kernels()) throws {
    try Seal.verify(bytes, path: path)
    let file = try Safetensors(bytes, path: path)
    var fields = CheckpointFields(file.metadata, path: path)
    guard try fields.text(.format) == Self.format else {
      throw CheckpointError.field(path: path, field: Field.format.rawValue)
    }
    let dataset = try fields.text(.dataset)
    height = try fields.number(.height, in: 1...65536)
    width = try fields.number(.width, in: 1...65536)
    training = try fields.number(.training, in: 1...1 << 32)
    let classes = try fields.number(.classes, in: 1...256)
    let step = try fields.count(.step)
    let isEvaluated = try fields.flag(.isEvaluated)
    let (below, beyond) = (try fields.count(.appliedBelow), try fields.list(.appliedBeyond))
    let audit = try Audit(&fields)
    let settings = try fields.settings()
    let plan = BatchPlan(recipe: settings.recipe, sampleCount: training)
    let applied = try AppliedBatches(
      below: below, beyond: beyond, step: step, plan: plan, mode: settings.mode, path: path)
    guard audit.agrees(with: applied, plan: plan) else {
      throw CheckpointError.unbalanced(path: path)
    }
    let shape = ModelShape(recipe: settings.recipe, height: height, width: width, classes: classes)
    state = ServerState(
      settings: settings, dataset: dataset,
      optimizer: try file.optimizer(shape: shape, step: step, kernels: kernels, path: path),
      applied: applied, audit: audit, isEvaluated: isEvaluated)
  }

  /// Stops a run that would go on with other data than it began with.
  ///
  /// - Throws: ``CheckpointError/otherData(path:found:expected:)``.
  package func check(_ dataset: Dataset, path: String) throws(CheckpointError) {
    let shape = state.optimizer.shape
    guard state.dataset == dataset.fingerprint, training == dataset.count(.train),
      (height, width, shape.classes) == (dataset.height, dataset.width, dataset.classes)
    else {
      throw .otherData(path: path, found: dataset.fingerprint, expected: state.dataset)
    }
  }
}

extension Audit {
  fileprivate init(_ fields: inout CheckpointFields) throws(CheckpointError) {
    self.init()
    samplesApplied = try fields.count(.samplesApplied)
    duplicatesRefused = try fields.count(.duplicatesRefused)
    staleRefused = try fields.count(.staleRefused)
    resultsRejected = try fields.count(.resultsRejected)
    leasesReissued = try fields.count(.leasesReissued)
    epochsComplete = try fields.count(.epochsComplete)
    openEpochs = try fields.counts(.openEpochs)
  }

  /// Whether these are the books of exactly these batches.
  fileprivate func agrees(with applied: AppliedBatches, plan: BatchPlan) -> Bool {
    let size = UInt64(plan.sampleCount)
    var books = Audit()
    if applied.prefix > 0 {
      let end = plan.positions(batch: applied.prefix - 1).upperBound
      books.record(positions: 0..<end, epochSize: size)
    }
    for batch in applied.beyond {
      books.record(positions: plan.positions(batch: batch), epochSize: size)
    }
    return books.samplesApplied == samplesApplied && books.epochsComplete == epochsComplete
      && books.openEpochs == openEpochs
  }
}

extension AppliedBatches {
  /// The batches of a checkpoint, which must be of the plan and as many as there were updates.
  fileprivate init(
    below: UInt64, beyond: [UInt64], step: UInt64, plan: BatchPlan, mode: Mode, path: String
  ) throws(CheckpointError) {
    guard below <= plan.steps, beyond.allSatisfy({ $0 > below && $0 < plan.steps }),
      below + UInt64(beyond.count) == step, mode != .sync || beyond.isEmpty
    else {
      throw .batches(path: path, applied: below &+ UInt64(beyond.count), step: step)
    }
    self.init(prefix: below, beyond: beyond)
  }
}

extension Safetensors {
  /// The optimizer whose weights and moments the tensors are.
  fileprivate func optimizer(
    shape: ModelShape, step: UInt64, kernels: Kernels, path: String
  ) throws(CheckpointError) -> Optimizer {
    let entries = shape.layout.entries
    let trainable = entries.filter(\.trainable)
    let expected = entries.count + 2 * trainable.count
    guard tensors.count <= expected else {
      throw .tensorsLeft(path: path, count: tensors.count, expected: expected)
    }
    return Optimizer(
      shape: shape, weights: try vector(entries, path: path),
      firstMoment: try vector(trainable, suffix: Checkpoint.slots.first, path: path),
      secondMoment: try vector(trainable, suffix: Checkpoint.slots.second, path: path),
      step: step, kernels: kernels)
  }

  /// The tensors of `entries` as one flat vector.
  private func vector(
    _ entries: [ParameterLayout.Entry], suffix: String = "", path: String
  ) throws(CheckpointError) -> [Float] {
    var vector: [Float] = []
    for entry in entries {
      let name = entry.name + suffix
      guard let tensor = self[name] else { throw .tensorMissing(path: path, tensor: name) }
      guard tensor.shape == entry.shape else {
        throw .tensorShape(path: path, tensor: name, shape: tensor.shape, expected: entry.shape)
      }
      vector += tensor.values
    }
    return vector
  }
}
