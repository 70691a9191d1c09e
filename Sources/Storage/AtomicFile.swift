package import Foundation

/// Writes files atomically: after a crash at any point, a file has its old or its new content.
package enum AtomicFile {
  /// Replaces the content of the file at `path` by `bytes`: writes a temporary file in the same
  /// folder, syncs it, renames it to `path`, and syncs the folder.
  ///
  /// Concurrent readers see the old or the new content. A crash can leave a temporary file, whose
  /// name begins with a dot and ends in `.tmp`.
  ///
  /// - Parameter permissions: the permissions of the new file, from which the process's mask is
  ///   removed.
  package static func write(
    _ bytes: [UInt8], to path: String, permissions: mode_t = 0o644
  ) throws(FileError) {
    let (folder, name) = split(path)
    let temporary = "\(folder)/.\(name).\(UInt32.random(in: 0 ... .max)).tmp"
    do throws(FileError) {
      try writeSynced(bytes, to: temporary, permissions, reportingAs: path)
      try unsafe check(rename(temporary, path) == 0, "renaming the temporary file", path)
    } catch {
      unsafe unlink(temporary)
      throw error
    }
    try sync(folder: folder, reportingAs: path)
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = String(path[..<slash])
    return (folder.isEmpty ? "/" : folder, String(path[path.index(after: slash)...]))
  }

  private static func writeSynced(
    _ bytes: [UInt8], to temporary: String, _ permissions: mode_t, reportingAs path: String
  ) throws(FileError) {
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions)
    try check(descriptor >= 0, "creating a temporary file in its folder", path)
    var isOpen = true
    defer { if isOpen { close(descriptor) } }
    try writeAll(bytes, to: descriptor, reportingAs: path)
    try check(fsync(descriptor) == 0, "syncing", path)
    isOpen = false
    try check(close(descriptor) == 0, "closing", path)
  }

  private static func writeAll(
    _ bytes: [UInt8], to descriptor: Int32, reportingAs path: String
  ) throws(FileError) {
    var rest = bytes
    while !rest.isEmpty {
      let written = unsafe Foundation.write(descriptor, rest, rest.count)
      if written < 0, errno == EINTR { continue }
      try check(written >= 0, "writing", path)
      rest = written == rest.count ? [] : Array(rest[written...])
    }
  }

  private static func sync(folder: String, reportingAs path: String) throws(FileError) {
    let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    try check(descriptor >= 0, "opening its folder", path)
    defer { close(descriptor) }
    try check(fsync(descriptor) == 0, "syncing its folder", path)
  }

  private static func check(
    _ succeeded: Bool, _ operation: String, _ path: String
  ) throws(FileError) {
    guard succeeded else {
      throw .unwritable(path: path, operation: operation, reason: SystemReason.text())
    }
  }
}
