import Foundation
import Storage

/// The exclusive right of one process to write into a run's folder.
///
/// The operating system releases the lock when the process exits, however it exits. The file stays:
/// only the lock on it counts, and the process id in it serves error messages.
final class RunLock: Sendable {
  private let descriptor: Int32

  /// Acquires the lock of a folder.
  ///
  /// - Throws: ``RunError/inUse(folder:process:)`` if another process holds it, ``FileError`` if
  ///   the file cannot be created.
  init(_ folder: RunFolder) throws {
    let path = folder.lock
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.failure("making the lock", path) }
    // From here on a thrown error ends the lifetime of this object, which closes the descriptor.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      guard errno == EWOULDBLOCK else { throw Self.failure("locking", path) }
      throw RunError.inUse(folder: folder.path, process: Self.holder(path))
    }
    let text = Array("\(getpid())\n".utf8)
    guard ftruncate(descriptor, 0) == 0, write(descriptor, text, text.count) == text.count else {
      throw Self.failure("writing the lock", path)
    }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Returns the process id in the file.
  private static func holder(_ path: String) -> Int32 {
    let bytes = (try? InputFile.read(path: path, limit: 64)) ?? []
    return Int32(String(decoding: bytes, as: UTF8.self).prefix { $0.isNumber }) ?? 0
  }

  private static func failure(_ operation: String, _ path: String) -> FileError {
    .unwritable(path: path, operation: operation, reason: SystemReason.text(code: errno))
  }
}
