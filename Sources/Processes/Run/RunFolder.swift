package import Foundation
package import Storage

/// The files of one run, in one folder.
package struct RunFolder: Sendable {
  /// The folder's path.
  package let path: String

  /// The folder at `path`, which is made if it is not there.
  ///
  /// - Throws: ``FileError`` if it cannot be made.
  package init(_ path: String) throws(FileError) {
    self.path = path
    do {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true)
    } catch {
      throw .unwritable(
        path: path, operation: "making the folder", reason: error.localizedDescription)
    }
  }

  /// Makes a folder in `runs` for a run that is given none, and returns its path: the recipe, the
  /// mode and the time, and a number if another run of the same second has this name.
  ///
  /// - Throws: ``FileError`` if it cannot be made.
  package static func make(
    recipe: String, mode: String, date: Date = Date()
  ) throws(FileError) -> String {
    _ = try RunFolder("runs")
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.dateFormat = "yyyyMMdd-HHmmss"
    let name = "runs/\(recipe)-\(mode)-\(formatter.string(from: date))"
    var path = name
    var number = 1
    while mkdir(path, 0o777) != 0 {
      guard errno == EEXIST else {
        throw .unwritable(
          path: path, operation: "making the folder", reason: String(cString: strerror(errno)))
      }
      number += 1
      path = "\(name)-\(number)"
    }
    return path
  }

  /// The endpoint the server listens at, one line.
  package var endpoint: String { path + "/endpoint" }
  /// The endpoint that the last server of the folder at `path` listened at, if one can still listen
  /// there: the folder of a private socket goes with its server.
  package static func lastEndpoint(_ path: String) -> String? {
    let bytes = try? InputFile.read(path: path + "/endpoint", limit: 4096)
    let text = bytes.map { String(decoding: $0, as: UTF8.self) }
    guard let line = text?.split(separator: "\n").first.map(String.init) else { return nil }
    guard line.hasPrefix("ipc://") else { return line }
    let folder = URL(fileURLWithPath: String(line.dropFirst("ipc://".count)))
      .deletingLastPathComponent()
    return FileManager.default.fileExists(atPath: folder.path) ? line : nil
  }
  /// The settings as a JSON object of texts.
  package var settings: String { path + "/settings.json" }
  /// One JSON object a line for every update and evaluation.
  package var metrics: String { path + "/metrics.jsonl" }
  /// How the run went.
  package var report: String { path + "/report.json" }
  /// The folder of the states to go on from.
  package var checkpoints: String { Self.checkpoints(path) }
  static func checkpoints(_ path: String) -> String { path + "/checkpoints" }
  /// Locked by the server that is at work in the folder.
  var lock: String { path + "/lock" }
  /// The weights.
  package var model: String { path + "/model.safetensors" }

  /// Writes text to one of the files, whole or not at all.
  package func write(_ text: String, to file: String) throws(FileError) {
    try AtomicFile.write(Array(text.utf8), to: file)
  }
}
