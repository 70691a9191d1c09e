import Foundation

/// Whole files, read into memory under a limit.
package enum InputFile {
  /// The content of the regular file at `path`, at most `limit` bytes of it being acceptable.
  package static func read(path: String, limit: Int) throws(FileError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw errno == ENOENT ? .notFound(path: path) : .unreadable(path: path, reason: reason())
    }
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .unreadable(path: path, reason: reason())
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular(path: path) }
    let size = Int(status.st_size)
    guard size <= limit else { throw .tooLarge(path: path, size: size, limit: limit) }
    do {
      return [UInt8](try handle.read(upToCount: size) ?? Data())
    } catch {
      throw .unreadable(path: path, reason: SystemReason.text(of: error))
    }
  }

  /// The operating system's words for the failure of the last call.
  static func reason() -> String { String(cString: strerror(errno)) }
}
