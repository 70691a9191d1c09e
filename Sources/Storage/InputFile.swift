import Foundation

/// Reads whole files into memory, with a limit on their size.
package enum InputFile {
  /// Reads the regular file at `path`, which may have at most `limit` bytes.
  package static func read(path: String, limit: Int) throws(FileError) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw errno == ENOENT
        ? .notFound(path: path) : .unreadable(path: path, reason: SystemReason.text())
    }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw .unreadable(path: path, reason: SystemReason.text())
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular(path: path) }
    let size = Int(status.st_size)
    guard size <= limit else { throw .tooLarge(path: path, size: size, limit: limit) }
    return try read(descriptor, size: size, path: path)
  }

  /// Reads `size` bytes, or fewer if the file has become shorter.
  private static func read(
    _ descriptor: Int32, size: Int, path: String
  ) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < size {
      var chunk = [UInt8](repeating: 0, count: size - bytes.count)
      let count = unsafe Foundation.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .unreadable(path: path, reason: SystemReason.text()) }
      guard count > 0 else { break }
      chunk.removeLast(chunk.count - count)
      if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
    }
    return bytes
  }
}
