/// A file that is not a valid gzip file.
package enum GzipError: StorageError, Hashable {
  /// The file does not begin with 1f 8b.
  case notGzip(path: String)
  /// The file ends within its content or trailer.
  case truncated(path: String)
  /// zlib detected damage: a wrong checksum or length, or an invalid code.
  case corrupt(path: String, reason: String)
  /// Bytes follow the last member.
  case trailingBytes(path: String, count: Int)
  /// The content exceeds the limit, in bytes.
  case tooLarge(path: String, limit: Int)
  /// zlib could not allocate memory.
  case outOfMemory(path: String)

  package var fault: StorageFault {
    if case .outOfMemory = self { .inputOutput } else { .badData }
  }

  package var description: String {
    switch self {
    case .notGzip(let path):
      "\(path): not a gzip file; download it again"
    case .truncated(let path):
      "\(path): the gzip data is incomplete; download it again"
    case .corrupt(let path, let reason):
      "\(path): the gzip data is damaged (\(reason)); download it again"
    case .trailingBytes(let path, let count):
      "\(path): \(count) bytes follow the gzip data; download it again"
    case .tooLarge(let path, let limit):
      "\(path): inflates to more than \(limit) bytes; check that it is the right file"
    case .outOfMemory(let path):
      "\(path): not enough memory to inflate it; free some memory and try again"
    }
  }
}
