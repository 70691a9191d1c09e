import Foundation

/// A folder of its own for one test, gone with the value. Its path is short, since the path of an
/// ipc endpoint may have 107 bytes only.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = "/tmp/tributary-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in the folder.
  func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Writes a file and returns its path; folders on the way are made.
  @discardableResult
  func write(_ bytes: some Sequence<UInt8>, _ name: String) throws -> String {
    let url = URL(fileURLWithPath: file(name))
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
    return url.path
  }

  func read(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: file(name)))
  }

  func text(_ name: String) throws -> String { String(decoding: try read(name), as: UTF8.self) }

  /// The object in a JSON file.
  func json(_ name: String) throws -> [String: Any] { try object(try read(name)) }

  /// The objects in a file of JSON lines.
  func jsonLines(_ name: String) throws -> [[String: Any]] {
    try text(name).split(separator: "\n").map { try object(Data($0.utf8)) }
  }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: file(name)) }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }
}

/// The JSON object that the data are.
func object(_ data: Data) throws -> [String: Any] {
  let value = try JSONSerialization.jsonObject(with: data)
  guard let object = value as? [String: Any] else { throw CocoaError(.coderInvalidValue) }
  return object
}
