import Foundation

/// Creates and lists folders; errors give the operating system's reason.
package enum Folder {
  /// Creates the folder at `path` and the folders above it, unless they exist.
  package static func create(_ path: String) throws(FileError) {
    let code = make(path)
    guard code == 0 else {
      throw .unwritable(
        path: path, operation: "creating the folder", reason: SystemReason.text(code: code))
    }
  }

  /// Returns the names of everything in the folder at `path`, in no particular order.
  package static func names(_ path: String) throws(FileError) -> [String] {
    if let names = try? FileManager.default.contentsOfDirectory(atPath: path) { return names }
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(path: path, reason: SystemReason.text()) }
    close(descriptor)
    throw .unreadable(path: path, reason: "its entries cannot be listed")
  }

  /// Whether there is a folder at `path`.
  package static func exists(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Creates folders and returns 0 or the code of the error.
  private static func make(_ path: String) -> Int32 {
    if unsafe mkdir(path, 0o777) == 0 { return 0 }
    let code = errno
    if code == EEXIST { return exists(path) ? 0 : code }
    guard code == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
      return code
    }
    let above = make(String(path[..<slash]))
    guard above == 0 else { return above }
    return unsafe mkdir(path, 0o777) == 0 || exists(path) ? 0 : errno
  }
}
