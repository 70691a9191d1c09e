import Bytes
import Foundation
import Numerics

/// A file of TensorBoard events, each in a record of TensorFlow's TFRecord format: length, masked
/// CRC-32C of the length, event, masked CRC-32C of the event.
///
/// Records are buffered until ``flush()``, which writes whole records. Not thread-safe.
final class EventFile {
  /// The prefix of the names of all event files.
  static let prefix = "events.out.tfevents."

  private let file: AppendedFile

  /// Creates a file in `folder`, with a name that TensorBoard recognizes.
  ///
  /// - Parameter time: the time of the first event, in seconds since 1970.
  /// - Throws: the error of the file system.
  init(folder: String, time: Double) throws {
    let host = ProcessInfo.processInfo.hostName.replacing("/", with: "-")
    let seconds = String(Int(max(time, 0)))
    let padding = String(repeating: "0", count: max(10 - seconds.count, 0))
    let process = ProcessInfo.processInfo.processIdentifier
    let name = "\(Self.prefix)\(padding)\(seconds).\(host).\(process)"
    file = try AppendedFile(path: "\(folder)/\(name)", isNew: true)
    append(BoardEvent(time: time, step: 0, content: .fileVersion))
  }

  /// Buffers an event.
  func append(_ event: BoardEvent) {
    file.append(Self.record(event.encoded))
  }

  /// Writes the buffered events.
  ///
  /// - Throws: the error of the file system; the events stay buffered.
  func flush() throws { try file.flush() }

  /// Returns the number of events dropped since the last call.
  func takeDropped() -> UInt64 { file.takeDropped() }

  /// Returns the record of an event's bytes.
  static func record(_ event: [UInt8]) -> [UInt8] {
    var record: [UInt8] = []
    record.reserveCapacity(event.count + 16)
    record.append(littleEndian: UInt64(event.count))
    record.append(littleEndian: maskedChecksum(record))
    record += event
    record.append(littleEndian: maskedChecksum(event))
    return record
  }

  /// Returns the CRC-32C of `bytes`, rotated right by 15 bits, plus a constant. TensorFlow masks
  /// checksums so that the CRC of data that contain CRCs stays effective.
  static func maskedChecksum(_ bytes: [UInt8]) -> UInt32 {
    let checksum = CRC32C.checksum(bytes)
    return (checksum >> 15 | checksum << 17) &+ 0xa282_ead8
  }
}
