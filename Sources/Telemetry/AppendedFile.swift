import Foundation

/// A file to whose end records are written in whole.
///
/// Records are buffered; after a failed write, the partially written bytes are removed again and
/// the records stay buffered for the next attempt. Not thread-safe.
final class AppendedFile {
  private let file: FileHandle
  private var size: UInt64
  private var buffer: [UInt8] = []

  /// Opens the file at `path`.
  ///
  /// - Parameter isNew: whether the file is created, or emptied if it exists.
  /// - Throws: the error of the file system.
  init(path: String, isNew: Bool) throws {
    let url = URL(fileURLWithPath: path)
    if isNew { try Data().write(to: url) }
    file = try FileHandle(forWritingTo: url)
    size = try file.seekToEnd()
  }

  /// Buffers a record.
  func append(_ record: some Sequence<UInt8>) { buffer += record }

  /// Writes the buffered records.
  ///
  /// - Throws: the error of the file system; the records stay buffered.
  func flush() throws {
    guard !buffer.isEmpty else { return }
    do {
      try file.write(contentsOf: buffer)
    } catch {
      try? file.truncate(atOffset: size)
      throw error
    }
    size += UInt64(buffer.count)
    buffer.removeAll(keepingCapacity: true)
  }
}
