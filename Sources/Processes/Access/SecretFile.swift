import Foundation
import Storage

/// Files that contain secrets: only their owner may read them.
enum SecretFile {
  private static let mostBytes = 4 << 20
  /// The permissions of group and others.
  private static let foreign: mode_t = 0o077

  /// Reads a file.
  ///
  /// - Throws: ``AccessError/exposed(path:)`` if another user can read or change it; ``FileError``.
  static func read(_ path: String) throws -> String {
    try check(path)
    return String(decoding: try InputFile.read(path: path, limit: mostBytes), as: UTF8.self)
  }

  /// Replaces the content of a file, or creates it.
  static func write(_ text: String, to path: String) throws(FileError) {
    try AtomicFile.write(Array(text.utf8), to: path, permissions: 0o600)
  }

  /// Creates a folder that only this user can enter, if it does not exist.
  static func makeFolder(_ path: String) throws {
    guard mkdir(path, 0o700) != 0 else { return }
    guard errno == EEXIST else {
      throw FileError.unwritable(
        path: path, operation: "creating the folder", reason: SystemReason.text(code: errno))
    }
    try check(path)
  }

  private static func check(_ path: String) throws(AccessError) {
    var status = stat()
    guard stat(path, &status) == 0 else { return }  // the read reports it
    guard status.st_mode & foreign == 0, status.st_uid == geteuid() || status.st_uid == 0 else {
      throw .exposed(path: path)
    }
  }
}
