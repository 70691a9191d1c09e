import Foundation
import Storage

/// A temporary folder that only this user can enter, for the socket of one run.
///
/// The launcher and its server each hold a shared lock on the folder. It is removed by the
/// launcher, by the server if that outlives its launcher, or, if both were killed, by the next
/// launcher, which finds it unlocked. Unlike a process id, a lock also counts across containers
/// with the same `/tmp`.
final class PrivateFolder {
  /// The folder's path, short enough for the name of a socket.
  let path: String
  private let descriptor: Int32

  /// The longest folder for temporary files that leaves room for the rest of a socket's name, which
  /// is limited to 107 bytes.
  private static let longestParent = 72
  private static let prefix = "tributary-ipc-"
  private static let attempts = 100

  /// Creates a new folder in the user's folder for temporary files or, where that has a long name,
  /// in `/tmp`.
  ///
  /// - Throws: ``FileError`` if it cannot be created.
  convenience init() throws(FileError) {
    let usual = FileManager.default.temporaryDirectory.path
    try self.init(in: usual.utf8.count <= Self.longestParent ? usual : "/tmp")
  }

  /// Creates a new folder in `parent`, after it has removed the abandoned ones of this user.
  ///
  /// - Throws: ``FileError`` if it cannot be created.
  init(in parent: String) throws(FileError) {
    Self.removeAbandoned(in: parent)
    for _ in 0..<Self.attempts {
      let path = "\(parent)/\(Self.prefix)\(UInt32.random(in: 0 ... .max))"
      guard mkdir(path, 0o700) == 0 else {
        if errno == EEXIST { continue }
        break
      }
      // Another launcher that is removing abandoned folders may take it before it is locked.
      guard let descriptor = Self.lock(path, LOCK_SH) else { continue }
      (self.path, self.descriptor) = (path, descriptor)
      return
    }
    throw .unwritable(
      path: parent, operation: "creating a private folder",
      reason: String(cString: strerror(errno)))
  }

  /// Shares the folder that another process has created; nil if it is not there.
  init?(sharing path: String) {
    guard let descriptor = Self.lock(path, LOCK_SH) else { return nil }
    (self.path, self.descriptor) = (path, descriptor)
  }

  deinit { close(descriptor) }

  /// The path of the socket.
  var socket: String { Self.socket(path) }

  /// Removes the folder and the socket in it.
  func remove() { Self.remove(path) }

  private static func socket(_ path: String) -> String { path + "/server" }

  private static func remove(_ path: String) {
    unlink(socket(path))
    rmdir(path)
  }

  /// Removes the folders of this user that no process holds.
  private static func removeAbandoned(in parent: String) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
    for name in names where isName(name) {
      let path = "\(parent)/\(name)"
      guard isPrivate(path), let descriptor = lock(path, LOCK_EX) else { continue }
      remove(path)
      close(descriptor)
    }
  }

  private static func isName(_ name: String) -> Bool {
    guard name.hasPrefix(prefix) else { return false }
    let number = name.dropFirst(prefix.count)
    return UInt32(number).map { String($0) == number } ?? false
  }

  /// Whether `path` is a folder of this user that no other can enter.
  private static func isPrivate(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode == S_IFDIR | 0o700
      && status.st_uid == geteuid()
  }

  /// A descriptor of the folder with a lock on it; nil if another process prevents that, or has
  /// removed the folder meanwhile. A file system without such locks counts as locked for sharing.
  private static func lock(_ path: String, _ kind: Int32) -> Int32? {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    let isLocked = flock(descriptor, kind | LOCK_NB) == 0
    let isUnsupported = !isLocked && errno != EWOULDBLOCK && kind == LOCK_SH
    var status = stat()
    guard isLocked || isUnsupported, fstat(descriptor, &status) == 0, status.st_nlink > 0 else {
      close(descriptor)
      return nil
    }
    return descriptor
  }
}
