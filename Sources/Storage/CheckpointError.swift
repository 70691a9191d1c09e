/// Why a file is no checkpoint that a run could go on from.
package enum CheckpointError: StorageError, Equatable {
  /// There is no checksum in its header.
  case noChecksum(path: String)
  /// Its checksum is not that of its content.
  case damaged(path: String, stated: String, computed: String)
  /// A field of the metadata is missing or malformed.
  case field(path: String, field: String)
  /// The settings in the metadata are not whole.
  case settings(path: String, reason: String)
  /// A tensor is not there.
  case tensorMissing(path: String, tensor: String)
  /// A tensor has another shape than the settings say.
  case tensorShape(path: String, tensor: String, shape: [Int], expected: [Int])
  /// There are more tensors than the model has.
  case tensorsLeft(path: String, count: Int, expected: Int)
  /// The batches that are applied are not those of so many updates.
  case batches(path: String, applied: UInt64, step: UInt64)
  /// The books do not agree with the batches that are applied.
  case unbalanced(path: String)
  /// It was made with other data.
  case otherData(path: String, found: String, expected: String)
  /// A folder holds no checkpoint that is whole.
  case none(folder: String)

  package var fault: StorageFault { .badData }

  package var description: String {
    switch self {
    case .noChecksum(let path):
      "\(path): no checksum in its header; it is torn, or no checkpoint of tributary"
    case .damaged(let path, let stated, let computed):
      "\(path): checksum \(stated), its content has \(computed); it is torn or damaged"
    case .field(let path, let field):
      "\(path): metadata '\(field)' is missing or malformed; use an older checkpoint"
    case .settings(let path, let reason):
      "\(path): metadata: \(reason); use the version of tributary that wrote it"
    case .tensorMissing(let path, let tensor):
      "\(path): tensor \(tensor) is missing; use an older checkpoint"
    case .tensorShape(let path, let tensor, let shape, let expected):
      "\(path): tensor \(tensor) has shape \(shape), its settings say \(expected); "
        + "use an older checkpoint"
    case .tensorsLeft(let path, let count, let expected):
      "\(path): \(count) tensors where the model has \(expected); use an older checkpoint"
    case .batches(let path, let applied, let step):
      "\(path): \(applied) batches in \(step) updates are none of this run; "
        + "use an older checkpoint"
    case .unbalanced(let path):
      "\(path): its books do not add up to the batches applied; use an older checkpoint"
    case .otherData(let path, let found, let expected):
      "\(path): it was made with \(expected), --data has \(found); name the run's data with --data"
    case .none(let folder):
      "\(folder): no checkpoint is whole; begin anew in another folder with --run"
    }
  }
}
