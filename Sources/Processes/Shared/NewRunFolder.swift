import Foundation
package import Storage

/// The files and folders that a start creates for a run and removes again if the run does not
/// begin: bad data or a port in use must not leave a folder that looks like a run.
package struct NewRunFolder {
  /// The path of the run's folder.
  package let path: String
  /// The folders that did not exist before, deepest first.
  private let missing: [String]
  /// Whether the file of the lock existed before.
  private let hadLock: Bool
  /// Whether the run had keys before.
  private let hadKeys: Bool

  /// Records which folders of a run at `path` do not exist yet.
  package init(_ path: String) {
    self.path = path
    missing = Self.missing([RunFolder.checkpoints(path)] + Self.ancestors(path))
    hadLock = FileManager.default.fileExists(atPath: path + "/lock")
    hadKeys = RunKeys(run: path).exist
  }

  /// Creates a folder in `runs` for a run whose folder is not named.
  ///
  /// - Throws: ``FileError`` if it cannot be created.
  package init(recipe: String, mode: String) throws(FileError) {
    let parents = Self.missing(["runs"])
    path = try RunFolder.make(recipe: recipe, mode: mode)
    missing = [RunFolder.checkpoints(path), path] + parents
    (hadLock, hadKeys) = (false, false)
  }

  /// Removes what did not exist before, if no run has begun. All is left if another server uses the
  /// folder; a folder is left if it holds other files.
  package func removeUnlessBegun() {
    guard FileManager.default.fileExists(atPath: path) else { return removeFolders() }
    guard !missing.isEmpty, !RunFolder.holdsRun(path),
      let folder = try? RunFolder(path), let lock = try? RunLock(folder)
    else { return }
    if !hadLock { unlink(folder.lock) }
    if !hadKeys { RunKeys(run: path).remove() }
    removeFolders()
    withExtendedLifetime(lock) {}
  }

  private func removeFolders() {
    for folder in missing where rmdir(folder) != 0 && errno != ENOENT { return }
  }

  private static func missing(_ paths: [String]) -> [String] {
    paths.filter { !FileManager.default.fileExists(atPath: $0) }
  }

  /// The path and the folders above it, deepest first.
  private static func ancestors(_ path: String) -> [String] {
    var result: [String] = []
    var url = URL(fileURLWithPath: path).standardizedFileURL
    while url.path != "/" {
      result.append(url.path)
      url.deleteLastPathComponent()
    }
    return result
  }
}
