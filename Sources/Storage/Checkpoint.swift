package import Coordination
import Learning
import Numerics
import Wire

/// The state of a server in one file, from which another server resumes with identical bits.
///
/// The file is a safetensors file: the weights and moving averages under the model's names, Adam's
/// moments under TensorFlow's names of its slots, and everything else as text in the metadata,
/// including a checksum of the whole file.
package struct Checkpoint: Sendable {
  /// The state of the server.
  package let state: ServerState
  /// Size of the images, in pixels.
  package let height: Int, width: Int
  /// Samples in the training set.
  package let training: Int

  static let format = "tributary-checkpoint-1"
  /// Suffixes of a weight's name in the names of its first and second moment.
  static let slots = (first: "/Adam", second: "/Adam_1")

  /// Creates a checkpoint of a server that trains on `training` images of this size.
  package init(_ state: ServerState, height: Int, width: Int, training: Int) {
    self.state = state
    self.height = height
    self.width = width
    self.training = training
  }

  /// Creates a checkpoint of a server that trains on `dataset`.
  package init(_ state: ServerState, dataset: Dataset) {
    self.init(
      state, height: dataset.height, width: dataset.width, training: dataset.count(.train))
  }

  /// Writes the checkpoint to `path` atomically.
  ///
  /// - Throws: a ``StorageError``.
  package func write(to path: String) throws {
    try AtomicFile.write(serialized(path: path), to: path)
  }

  /// Returns the content of the file: the same bytes for the same state. `path` is for the error.
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
    var metadata = state.settings.metadata
    for (field, value) in facts { metadata[field.rawValue] = value }
    return metadata
  }

  private var facts: [(MetadataField, String)] {
    let audit = state.audit
    let open = audit.openEpochs.sorted { $0.key < $1.key }
    let quarantine = state.quarantine.map(\.metadata).joined(separator: ",")
    var facts: [(MetadataField, String)] = [
      (.format, Self.format), (.dataset, state.dataset), (.height, "\(height)"),
      (.width, "\(width)"), (.classes, "\(state.optimizer.shape.classes)"),
      (.training, "\(training)"), (.step, "\(state.optimizer.step)"),
      (.isEvaluated, "\(state.isEvaluated)"), (.appliedBelow, "\(state.applied.prefix)"),
      (.appliedBeyond, state.applied.beyond.sorted().map(String.init).joined(separator: ",")),
      (.samplesApplied, "\(audit.samplesApplied)"),
      (.duplicatesRefused, "\(audit.duplicatesRefused)"),
      (.staleRefused, "\(audit.staleRefused)"), (.resultsRejected, "\(audit.resultsRejected)"),
      (.leasesReissued, "\(audit.leasesReissued)"),
      (.epochsComplete, "\(audit.epochsComplete)"),
      (.openEpochs, open.map { "\($0.key):\($0.value)" }.joined(separator: ",")),
    ]
    if !quarantine.isEmpty { facts.append((.quarantine, quarantine)) }
    if state.optimizer.step > 0 { facts.append((.contributors, state.contributors.metadata)) }
    guard audit.leasesAudited > 0 else { return facts }
    return facts + [
      (.leasesAudited, "\(audit.leasesAudited)"), (.resultsDiffering, "\(audit.resultsDiffering)"),
    ]
  }
}
