package import Foundation

/// A temporary folder for one test, removed with this value. Its path is short, since the path of
/// an ipc endpoint is limited to 107 bytes.
package final class TemporaryFolder {
  package let path: String

  /// Creates an empty folder.
  package init() throws {
    path = "/tmp/tributary-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
    // Only this user can enter it, so that ipc endpoints in it need no keys.
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Returns the path of a file in the folder.
  package func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file, with the folders on its path, and returns its path.
  @discardableResult
  package func write(_ bytes: some Sequence<UInt8>, _ name: String) throws -> String {
    let url = URL(fileURLWithPath: file(name))
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
    return url.path
  }

  /// Returns the content of a file.
  package func read(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: file(name)))
  }

  /// Returns the content of a text file.
  package func text(_ name: String) throws -> String {
    String(decoding: try read(name), as: UTF8.self)
  }

  /// Returns the object in a JSON file.
  package func json(_ name: String) throws -> [String: Any] { try JSON.object(read(name)) }

  /// Returns the objects in a file of JSON lines.
  package func jsonLines(_ name: String) throws -> [[String: Any]] {
    try text(name).split(separator: "\n").map { try JSON.object(Data($0.utf8)) }
  }

  /// Returns the sorted names of the files in the folder or in one of its folders.
  package func names(_ folder: String = ".") throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: file(folder)).sorted()
  }

  /// Removes a file or a folder with its content.
  package func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: file(name))
  }

  /// Returns whether a file exists.
  package func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: file(name))
  }
}
