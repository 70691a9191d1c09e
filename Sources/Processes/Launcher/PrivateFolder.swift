import Foundation
import Storage

/// A new folder that only this user can enter, for the sockets of one run.
struct PrivateFolder {
  /// The folder's path, short enough for the name of a socket.
  let path: String

  /// The longest folder for temporary files that leaves room for the rest of a socket's name, which
  /// may have 107 bytes in all.
  private static let longestParent = 72

  /// Makes the folder, in the user's folder for temporary files or, where that has a long name, in
  /// `/tmp`.
  ///
  /// - Throws: ``FileError`` if it cannot be made.
  init() throws(FileError) {
    let usual = FileManager.default.temporaryDirectory.path
    let parent = usual.utf8.count <= Self.longestParent ? usual : "/tmp"
    path = "\(parent)/tributary-\(UInt32.random(in: 0 ... .max))"
    guard mkdir(path, 0o700) == 0 else {
      throw .unwritable(
        path: path, operation: "making the folder", reason: String(cString: strerror(errno)))
    }
  }

  /// Removes the folder and what is in it.
  func remove() {
    try? FileManager.default.removeItem(atPath: path)
  }
}
