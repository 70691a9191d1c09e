/// What every error of this module can say: in one line what was wrong, in which file and field,
/// and what to do about it.
package protocol StorageError: Error, CustomStringConvertible, Sendable {
  /// Whether the content is at fault or the reading and writing of it.
  var fault: StorageFault { get }
}

/// The two ways in which storage fails; a command line maps them to its exit codes.
package enum StorageFault: Sendable, Hashable {
  /// The bytes are there and are not what they should be, or a data set is not where it should be.
  case badData
  /// The operating system refused to read or write.
  case inputOutput
}

/// A file could not be read or written.
package enum FileError: StorageError, Hashable {
  /// There is nothing at the path.
  case notFound(path: String)
  /// The path is a folder, a pipe or a device.
  case notRegular(path: String)
  /// The file is longer than its reader accepts, both in bytes.
  case tooLarge(path: String, size: Int, limit: Int)
  /// The operating system could not read it, with its reason.
  case unreadable(path: String, reason: String)
  /// The operating system failed at one operation of a write, with its reason.
  case unwritable(path: String, operation: String, reason: String)

  package var fault: StorageFault { .inputOutput }

  package var description: String {
    switch self {
    case .notFound(let path):
      "\(path): no such file; check the path"
    case .notRegular(let path):
      "\(path): not a regular file; name a file, not a folder or a device"
    case .tooLarge(let path, let size, let limit):
      "\(path): \(size) bytes, over the limit of \(limit); check that it is the right file"
    case .unreadable(let path, let reason):
      "\(path): cannot be read (\(reason)); check its permissions and the disk"
    case .unwritable(let path, let operation, let reason):
      "\(path): \(operation) failed (\(reason)); "
        + "check the folder, its permissions and the disk's space"
    }
  }
}
