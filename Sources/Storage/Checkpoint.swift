package import Coordination
import Learning
import Numerics
import Wire

/// The state of a server in one file, from which another server goes on to the bit.
///
/// A safetensors file: the weights and moving averages under the model's names, Adam's moments
/// under TensorFlow's names of its slots, and everything else as text in the metadata. A checksum
/// over the whole file is part of it.
package struct Checkpoint: Sendable {
  /// What the server was.
  package let state: ServerState
  /// Size of the images, in pixels.
  package let height: Int, width: Int
  /// Samples in the training set.
  package let training: Int

  static let format = "tributary-checkpoint-1"
  /// What follows a weight's name in the names of its first and second moment.
  static let slots = (first: "/Adam", second: "/Adam_1")

  /// The state of a server that trains on images of this size.
  package init(_ state: ServerState, height: Int, width: Int, training: Int) {
    self.state = state
    self.height = height
    self.width = width
    self.training = training
  }

  /// The state of a server that trains on `dataset`.
  package init(_ state: ServerState, dataset: Dataset) {
    self.init(
      state, height: dataset.height, width: dataset.width, training: dataset.count(.train))
  }

  /// Writes the checkpoint to `path`, whole or not at all.
  ///
  /// - Throws: a ``StorageError``.
  package func write(to path: String) throws {
    try AtomicFile.write(serialized(path: path), to: path)
  }

  /// The content of the file: the same bytes for the same state. `path` is for the error.
  package func serialized(path: String = "") throws(SafetensorsError) -> [UInt8] {
    try Seal.sealed(Safetensors(tensors: tensors, metadata: metadata), path: path)
  }

  private var tensors: [Safetensors.Tensor] {
    let optimizer = state.optimizer
    let layout = optimizer.shape.layout
    let trainable = ParameterLayout(layout.entries.filter(\.trainable))
    return layout.tensors(of: optimizer.weights)
      + trainable.tensors(of: optimizer.firstMoment, suffix: Self.slots.first)
      + trainable.tensors(of: optimizer.secondMoment, suffix: Self.slots.second)
  }

  private var metadata: [String: String] {
    var metadata = Dictionary(uniqueKeysWithValues: state.settings.pairs.map { ($0.key, $0.value) })
    metadata[Field.format.rawValue] = Self.format
    for (field, value) in facts { metadata[field.rawValue] = value }
    return metadata
  }

  private var facts: [(Field, String)] {
    let audit = state.audit
    let open = audit.openEpochs.sorted { $0.key < $1.key }
    return [
      (.dataset, state.dataset), (.height, "\(height)"), (.width, "\(width)"),
      (.classes, "\(state.optimizer.shape.classes)"), (.training, "\(training)"),
      (.step, "\(state.optimizer.step)"), (.isEvaluated, "\(state.isEvaluated)"),
      (.appliedBelow, "\(state.applied.prefix)"),
      (.appliedBeyond, state.applied.beyond.sorted().map(String.init).joined(separator: ",")),
      (.samplesApplied, "\(audit.samplesApplied)"),
      (.duplicatesRefused, "\(audit.duplicatesRefused)"),
      (.staleRefused, "\(audit.staleRefused)"), (.resultsRejected, "\(audit.resultsRejected)"),
      (.leasesReissued, "\(audit.leasesReissued)"),
      (.epochsComplete, "\(audit.epochsComplete)"),
      (.openEpochs, open.map { "\($0.key):\($0.value)" }.joined(separator: ",")),
    ]
  }

  /// The names in the metadata, besides those of the settings and the checksum.
  enum Field: String, CaseIterable {
    case format
    case dataset
    case height = "image-height"
    case width = "image-width"
    case classes
    case training = "training-samples"
    case step
    case isEvaluated = "is-evaluated"
    /// All batches below this one are applied.
    case appliedBelow = "applied-below"
    /// And these, divided by commas.
    case appliedBeyond = "applied-beyond"
    case samplesApplied = "samples-applied"
    case duplicatesRefused = "duplicates-refused"
    case staleRefused = "stale-refused"
    case resultsRejected = "results-rejected"
    case leasesReissued = "leases-reissued"
    case epochsComplete = "epochs-complete"
    /// Samples applied of epochs that are not complete: EPOCH:COUNT, divided by commas.
    case openEpochs = "open-epochs"
  }
}

extension ParameterLayout {
  /// The parts of a flat vector as named tensors.
  fileprivate func tensors(of vector: [Float], suffix: String = "") -> [Safetensors.Tensor] {
    entries.map { entry in
      Safetensors.Tensor(
        name: entry.name + suffix, shape: entry.shape, values: Array(vector[range(of: entry.name)]))
    }
  }
}
