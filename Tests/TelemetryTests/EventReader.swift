import TestSupport

@testable import Telemetry

/// One scalar of an event file.
struct Point: Equatable {
  var tag: String, step: UInt64, time: Double, value: Float
}

/// A field of a message: its number and its value.
private enum Field {
  case number(UInt64, UInt64)
  case bytes(UInt64, [UInt8])
}

/// The records of an event file; nil if a checksum or the end is wrong.
func readRecords(_ bytes: [UInt8]) -> [[UInt8]]? {
  var rest = bytes[...]
  var records: [[UInt8]] = []
  while !rest.isEmpty {
    guard rest.count >= 16 else { return nil }
    let header = Array(rest.prefix(8))
    let length = Int(header.littleEndian)
    guard rest.dropFirst(8).prefix(4).littleEndian == EventFile.maskedChecksum(header),
      rest.count >= 16 + length
    else { return nil }
    let record = Array(rest.dropFirst(12).prefix(length))
    rest = rest.dropFirst(12 + length)
    guard rest.prefix(4).littleEndian == EventFile.maskedChecksum(record) else { return nil }
    rest = rest.dropFirst(4)
    records.append(record)
  }
  return records
}

/// The scalars of an event file, in order; nil if its records are broken.
func readPoints(_ bytes: [UInt8]) -> [Point]? {
  readRecords(bytes)?.flatMap { record in
    var (time, step) = (0.0, UInt64(0))
    var points: [Point] = []
    for field in fields(record) {
      switch field {
      case .number(1, let bits): time = Double(bitPattern: bits)
      case .number(2, let number): step = number
      case .bytes(5, let summary):
        for case .bytes(1, let value) in fields(summary) {
          var point = Point(tag: "", step: step, time: time, value: 0)
          var isScalar = false
          for field in fields(value) {
            if case .bytes(1, let tag) = field { point.tag = String(decoding: tag, as: UTF8.self) }
            if case .number(2, let bits) = field {
              point.value = Float(bitPattern: UInt32(bits))
              isScalar = true
            }
          }
          if isScalar { points.append(point) }
        }
      default: break
      }
    }
    return points
  }
}

private func fields(_ message: [UInt8]) -> [Field] {
  var rest = message[...]
  func varint() -> UInt64 {
    var (value, shift) = (UInt64(0), UInt64(0))
    while let byte = rest.popFirst() {
      value |= UInt64(byte & 0x7f) << shift
      shift += 7
      if byte < 0x80 { break }
    }
    return value
  }
  func take(_ count: Int) -> [UInt8] {
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }
  var found: [Field] = []
  while !rest.isEmpty {
    let tag = varint()
    switch tag & 7 {
    case 0: found.append(.number(tag >> 3, varint()))
    case 1: found.append(.number(tag >> 3, take(8).littleEndian))
    case 5: found.append(.number(tag >> 3, take(4).littleEndian))
    default: found.append(.bytes(tag >> 3, take(Int(varint()))))
    }
  }
  return found
}
