import Coordination
import Foundation
import Storage

/// The file with the list of a run's keys. It is replaced as a whole, under a lock.
enum KeyListFile {
  /// Reads a list.
  ///
  /// - Throws: ``AccessError`` or ``FileError``.
  static func read(_ path: String) throws -> KeyList {
    let text = try SecretFile.read(path)
    do {
      return try KeyList(text: text)
    } catch {
      throw AccessError.malformed(path: path, reason: "\(error)")
    }
  }

  /// Changes a list, or an empty one where there is no file.
  ///
  /// - Returns: the value that `change` returns.
  static func update<Value>(
    _ path: String, _ change: (inout KeyList) throws -> Value
  ) throws -> Value {
    let lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard lock >= 0 else {
      throw FileError.unwritable(
        path: path, operation: "locking", reason: SystemReason.text(code: errno))
    }
    defer { close(lock) }
    flock(lock, LOCK_EX)
    var list = FileManager.default.fileExists(atPath: path) ? try read(path) : KeyList()
    let value = try change(&list)
    try SecretFile.write(list.text, to: path)
    return value
  }
}
