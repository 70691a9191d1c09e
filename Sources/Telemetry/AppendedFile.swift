import Foundation

/// A file to whose end records are written in whole.
///
/// Records are buffered. After a failed write, those that are in the file in whole stay there, a
/// part of one is removed, and the rest stay buffered for the next attempt. The buffer is bounded:
/// the oldest records without room are dropped and counted. Not thread-safe.
final class AppendedFile {
  /// The operations of the system, which tests replace. They return -1 after setting `errno`.
  struct System {
    /// Writes bytes at an offset and returns their number.
    var write: (_ descriptor: Int32, _ bytes: [UInt8], _ offset: Int) -> Int = {
      pwrite($0, $1, $1.count, off_t($2))
    }
    /// Truncates a file at an offset.
    var truncate: (_ descriptor: Int32, _ offset: Int) -> Int32 = { ftruncate($0, off_t($1)) }
  }

  /// Limit on the buffered records, in bytes.
  static let capacity = 8 << 20

  private let descriptor: Int32
  private let capacity: Int
  private let system: System
  /// The end of the last whole record in the file. What follows is overwritten.
  private var size: Int
  private var records: ArraySlice<[UInt8]> = []
  private var buffered = 0
  private var dropped: UInt64 = 0

  /// Opens the file at `path`.
  ///
  /// - Parameter isNew: whether the file is created, or emptied if it exists.
  /// - Throws: the error of the file system.
  init(
    path: String, isNew: Bool, capacity: Int = AppendedFile.capacity, system: System = System()
  ) throws {
    let flags = isNew ? O_WRONLY | O_CREAT | O_TRUNC : O_WRONLY
    descriptor = open(path, flags | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.failure }
    self.capacity = capacity
    self.system = system
    size = max(Int(lseek(descriptor, 0, SEEK_END)), 0)
  }

  deinit { close(descriptor) }

  /// Buffers a record.
  func append(_ record: some Sequence<UInt8>) {
    let record = Array(record)
    records.append(record)
    buffered += record.count
    while buffered > capacity, let oldest = records.popFirst() {
      buffered -= oldest.count
      dropped += 1
    }
  }

  /// Writes the buffered records.
  ///
  /// - Throws: the error of the file system; the records that are not written stay buffered.
  func flush() throws {
    guard !records.isEmpty else { return }
    let (written, failure) = write(Array(records.joined()))
    let end = size + written
    while let oldest = records.first, size + oldest.count <= end {
      size += oldest.count
      buffered -= oldest.count
      records.removeFirst()
    }
    guard let failure else { return }
    while system.truncate(descriptor, size) != 0, errno == EINTR {}
    throw failure
  }

  /// Returns the number of records dropped since the last call.
  func takeDropped() -> UInt64 {
    defer { dropped = 0 }
    return dropped
  }

  /// Writes bytes after the last whole record; returns how many were written before an error.
  private func write(_ bytes: [UInt8]) -> (count: Int, failure: POSIXError?) {
    var count = 0
    while count < bytes.count {
      let rest = count == 0 ? bytes : Array(bytes[count...])
      let written = system.write(descriptor, rest, size + count)
      if written > 0 {
        count += written
      } else if written == 0 || errno != EINTR {
        return (count, written == 0 ? POSIXError(.EIO) : Self.failure)
      }
    }
    return (count, nil)
  }

  /// The error of the last system call.
  private static var failure: POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}
