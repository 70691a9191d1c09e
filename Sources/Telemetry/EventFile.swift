import Bytes
import Foundation
import Numerics

/// A file of TensorBoard's events, each in a record of TensorFlow's TFRecord format: length, masked
/// CRC-32C of the length, event, masked CRC-32C of the event.
///
/// Records are gathered, and written whole when told to. Not thread-safe.
final class EventFile {
  /// How the names of all event files begin.
  static let prefix = "events.out.tfevents."

  private let file: FileHandle
  private var size: UInt64 = 0
  private var buffer: [UInt8] = []

  /// Makes a file in `folder`, named as TensorBoard expects, that begins at `time`, in seconds
  /// since 1970.
  ///
  /// - Throws: the error of the file system.
  init(folder: String, time: Double) throws {
    let host = ProcessInfo.processInfo.hostName.replacing("/", with: "-")
    let seconds = String(Int(max(time, 0)))
    let padding = String(repeating: "0", count: max(10 - seconds.count, 0))
    let process = ProcessInfo.processInfo.processIdentifier
    let name = "\(Self.prefix)\(padding)\(seconds).\(host).\(process)"
    let url = URL(fileURLWithPath: folder).appendingPathComponent(name)
    try Data().write(to: url)
    file = try FileHandle(forWritingTo: url)
    append(BoardEvent(time: time, step: 0, content: .fileVersion))
  }

  /// Adds an event, to be written with the next ``flush()``.
  func append(_ event: BoardEvent) {
    buffer += Self.record(event.encoded)
  }

  /// Writes what is gathered.
  ///
  /// - Throws: the error of the file system; the records stay and are tried again, and what was
  ///   written of them is taken back so that the file has whole records only.
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

  /// The record of an event's bytes.
  static func record(_ event: [UInt8]) -> [UInt8] {
    var record: [UInt8] = []
    record.reserveCapacity(event.count + 16)
    record.append(littleEndian: UInt64(event.count))
    record.append(littleEndian: maskedChecksum(record))
    record += event
    record.append(littleEndian: maskedChecksum(event))
    return record
  }

  /// The CRC-32C of `bytes`, rotated right by 15 bits plus a constant: TensorFlow stores it so, to
  /// keep the CRC of data that contain CRCs good.
  static func maskedChecksum(_ bytes: [UInt8]) -> UInt32 {
    let checksum = CRC32C.checksum(bytes)
    return (checksum >> 15 | checksum << 17) &+ 0xa282_ead8
  }
}
