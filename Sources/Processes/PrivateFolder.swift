import Foundation

/// A new folder that only this user can enter, for the sockets of one run.
struct PrivateFolder {
  /// The folder's path, short enough for the name of a socket.
  let path: String

  /// Makes the folder.
  init() throws {
    let number = UInt32.random(in: 0 ... .max)
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("tributary-\(number)").path
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: false,
      attributes: [.posixPermissions: 0o700])
  }

  /// Removes the folder and what is in it.
  func remove() {
    try? FileManager.default.removeItem(atPath: path)
  }
}
