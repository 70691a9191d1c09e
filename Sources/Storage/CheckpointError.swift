/// A file with a valid checksum that is not a checkpoint from which the run can resume.
package enum CheckpointError: StorageError, Hashable {
  /// The file has more tensors than the model and its moments.
  case extraTensors(path: String, count: Int, expected: Int)
  /// The applied batches are not those of as many updates of the run.
  case batches(path: String, applied: UInt64, step: UInt64)
  /// The counters do not agree with the applied batches.
  case unbalanced(path: String)
  /// The run started with other data.
  case otherData(path: String, found: String, expected: String)
  /// The sizes in the file are not those of the data that it names.
  case otherSize(path: String, samples: Int, expected: Int)
  /// A folder contains no valid checkpoint.
  case none(folder: String)

  package var fault: StorageFault { .badData }

  package var description: String {
    switch self {
    case .extraTensors(let path, let count, let expected):
      "\(path): \(count) tensors where the model has \(expected); use an older checkpoint"
    case .batches(let path, let applied, let step):
      "\(path): the \(applied) applied batches do not match its \(step) updates; "
        + "use an older checkpoint"
    case .unbalanced(let path):
      "\(path): the counters do not match the applied batches; use an older checkpoint"
    case .otherData(let path, let found, let expected):
      "\(path): the run was started with \(expected), --data has \(found); "
        + "use the run's data with --data"
    case .otherSize(let path, let samples, let expected):
      "\(path): the sizes (\(samples) training samples) do not match the data "
        + "(\(expected) training samples); use an older checkpoint"
    case .none(let folder):
      "\(folder): no valid checkpoint; use another run, or start a new one with --run"
    }
  }
}
