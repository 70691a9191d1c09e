package import Foundation
package import Storage
import Telemetry

/// The folder of a run, with the paths of its files.
package struct RunFolder: Sendable {
  /// The folder's path.
  package let path: String

  /// Creates a value for the folder at `path`; a missing folder is created.
  ///
  /// - Throws: ``FileError`` if it cannot be created.
  package init(_ path: String) throws(FileError) {
    self.path = path
    try Folder.create(path)
  }

  /// Creates a folder in `runs` for a run without a given folder. Its name is made of the recipe,
  /// the mode and the time, and a number if another run of the same second has this name.
  ///
  /// - Returns: its path.
  /// - Throws: ``FileError`` if it cannot be created.
  package static func make(
    recipe: String, mode: String, date: Date = Date()
  ) throws(FileError) -> String {
    _ = try RunFolder("runs")
    let name = "runs/\(recipe)-\(mode)-\(text(of: date))"
    var path = name
    var number = 1
    while mkdir(path, 0o777) != 0 {
      guard errno == EEXIST else {
        throw .unwritable(
          path: path, operation: "creating the folder", reason: SystemReason.text(code: errno))
      }
      number += 1
      path = "\(name)-\(number)"
    }
    return path
  }

  /// The local date and time such as 20261122-004600. The C library is used since a program whose
  /// Foundation has no data of ICU cannot format dates.
  private static func text(of date: Date) -> String {
    var seconds = time_t(date.timeIntervalSince1970)
    var parts = tm()
    localtime_r(&seconds, &parts)
    return String(
      format: "%04d%02d%02d-%02d%02d%02d", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
      parts.tm_hour, parts.tm_min, parts.tm_sec)
  }

  /// The file with the endpoints at which the server can be reached, one a line, the best first.
  package var endpoint: String { path + "/endpoint" }
  /// The file with the endpoint that a later server of the run listens at, one line.
  var listening: String { Self.listening(path) }
  private static func listening(_ path: String) -> String { path + "/listen" }
  /// The settings, and the source of the data, as a JSON object of strings.
  package var settings: String { path + "/settings.json" }
  /// The metrics: one JSON object per line for each update and evaluation.
  package var metrics: String { path + "/metrics.jsonl" }
  /// The report.
  package var report: String { path + "/report.json" }
  /// The folder of the checkpoints.
  package var checkpoints: String { Self.checkpoints(path) }
  static func checkpoints(_ path: String) -> String { path + "/checkpoints" }
  /// The file that the server locks while it uses the folder.
  var lock: String { path + "/lock" }
  /// The model.
  package var model: String { path + "/model.safetensors" }

  /// A copy of the model that the run began with, if it did not begin with random weights.
  var initialModel: String { path + "/initial-model.safetensors" }

  /// The key of the source of the data in the settings.
  static let dataKey = "data"

  /// Whether the folder at `path` holds a run.
  package static func holdsRun(_ path: String) -> Bool {
    CheckpointFolder.holdsAny(checkpoints(path))
  }

  /// Returns the settings that the run in the folder at `path` records, by their keys.
  ///
  /// - Throws: a ``StorageError`` if the file cannot be read.
  package static func recordedSettings(_ path: String) throws -> [String: String] {
    let json = try InputFile.read(path: path + "/settings.json", limit: 1 << 20)
    return try ReportJSON.decode([String: String].self, from: json)
  }

  /// Returns the source of the data that the run in the folder at `path` records: the path of a
  /// folder, or `generated:N`.
  package static func recordedData(_ path: String) -> String? {
    (try? recordedSettings(path))?[dataKey]
  }

  /// Returns the source of the data in the content of the file of the settings; nil if it has none.
  package static func recordedData(in json: [UInt8]) -> String? {
    try? ReportJSON.decode([String: String].self, from: json)[dataKey]
  }

  /// Returns the endpoints at which the server of the folder at `path` can be reached, the best
  /// first; none before it has started.
  package static func publishedEndpoints(_ path: String) -> [String] {
    lines(of: path + "/endpoint").filter(Endpoint.isConnectable)
  }

  /// Returns the endpoint that the last server of the folder at `path` listened at, if a server can
  /// still do so. The folder of a private socket is removed with its server.
  package static func lastEndpoint(_ path: String) -> String? {
    // A run of an earlier version has one file for both.
    let lines = lines(of: listening(path)) + lines(of: path + "/endpoint")
    guard let line = lines.first else { return nil }
    guard line.hasPrefix("ipc://") else { return line }
    let folder = URL(fileURLWithPath: String(line.dropFirst("ipc://".count)))
      .deletingLastPathComponent()
    return FileManager.default.fileExists(atPath: folder.path) ? line : nil
  }

  private static func lines(of file: String) -> [String] {
    guard let bytes = try? InputFile.read(path: file, limit: 4096) else { return [] }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// Writes a text to one of the files, atomically.
  package func write(_ text: String, to file: String) throws(FileError) {
    try AtomicFile.write(Array(text.utf8), to: file)
  }
}
