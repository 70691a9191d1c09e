/// An error of this module. Its description is one line with the file, the field, the problem and
/// the remedy.
package protocol StorageError: Error, CustomStringConvertible, Sendable {
  /// The kind of failure, which determines the exit code.
  var fault: StorageFault { get }
}

/// The kind of a ``StorageError``.
package enum StorageFault: Sendable, Hashable {
  /// The content of a file is invalid, or a data set is not in the given folder.
  case badData
  /// The operating system failed to read or write.
  case inputOutput
}

/// A file or folder that could not be read or written.
package enum FileError: StorageError, Hashable {
  /// There is no file at the path.
  case notFound(path: String)
  /// The path leads to a folder, a pipe or a device.
  case notRegular(path: String)
  /// The file has more bytes than its reader accepts.
  case tooLarge(path: String, size: Int, limit: Int)
  /// Reading failed, with the operating system's reason.
  case unreadable(path: String, reason: String)
  /// One operation of a write failed, with the operating system's reason.
  case unwritable(path: String, operation: String, reason: String)
  /// A folder contains neither a model nor checkpoints.
  case noModel(folder: String)

  package var fault: StorageFault { .inputOutput }

  package var description: String {
    switch self {
    case .notFound(let path):
      "\(path): no such file; check the path"
    case .notRegular(let path):
      "\(path): not a regular file; use the path of a file, not of a folder or device"
    case .tooLarge(let path, let size, let limit):
      "\(path): \(size) bytes, over the limit of \(limit); check that it is the right file"
    case .unreadable(let path, let reason):
      "\(path): reading failed (\(reason)); check the permissions and the disk"
    case .unwritable(let path, let operation, let reason):
      "\(path): \(operation) failed (\(reason)); "
        + "check the folder, its permissions and the free space of the disk"
    case .noModel(let folder):
      "\(folder): neither \(ModelFile.name) nor checkpoints in this folder; "
        + "use a model file, a checkpoint or the folder of a run"
    }
  }
}
