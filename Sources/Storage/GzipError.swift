/// A gzip file broke one of its rules.
package enum GzipError: StorageError, Hashable {
  /// It does not begin with 1f 8b.
  case notGzip(path: String)
  /// It ends in the middle of its content or trailer.
  case truncated(path: String)
  /// zlib found it damaged: a wrong checksum or length, or an invalid code.
  case corrupt(path: String, reason: String)
  /// Bytes follow its last member.
  case trailingBytes(path: String, count: Int)
  /// Its content exceeds the limit, in bytes.
  case tooLarge(path: String, limit: Int)
  /// zlib could not get memory.
  case outOfMemory(path: String)

  package var fault: StorageFault {
    if case .outOfMemory = self { .inputOutput } else { .badData }
  }

  package var description: String {
    switch self {
    case .notGzip(let path):
      "\(path): not a gzip file; fetch it again"
    case .truncated(let path):
      "\(path): the gzip data ends too early; the download was cut short, fetch it again"
    case .corrupt(let path, let reason):
      "\(path): the gzip data is damaged (\(reason)); fetch it again"
    case .trailingBytes(let path, let count):
      "\(path): \(count) bytes follow the gzip data; fetch it again"
    case .tooLarge(let path, let limit):
      "\(path): inflates to more than \(limit) bytes; check that it is the right file"
    case .outOfMemory(let path):
      "\(path): no memory left to inflate it; free some and try again"
    }
  }
}
