import TestSupport
import Wire

/// Returns the CRC32C, computed bit by bit according to RFC 3720, independently of the module.
func referenceCRC(_ bytes: ArraySlice<UInt8>) -> UInt32 {
  var crc = ~UInt32(0)
  for byte in bytes {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
  }
  return ~crc
}

/// Returns a frame of at least eight bytes with a valid checksum.
func sealed(_ frame: [UInt8]) -> [UInt8] {
  frame[..<4] + Array(littleEndian: referenceCRC(frame[8...])) + frame[8...]
}

extension [UInt8] {
  /// Returns a copy in which the bytes from an offset on are replaced.
  func replacing(at offset: Int, with new: [UInt8]) -> [UInt8] {
    self[..<offset] + new + self[(offset + new.count)...]
  }
}

/// Returns the error thrown by decoding a message, if any.
func failure(_ frames: [[UInt8]], limits: WireLimits = WireLimits()) -> WireError? {
  do throws(WireError) {
    _ = try Message(frames: frames, limits: limits)
    return nil
  } catch {
    return error
  }
}

/// Returns the error thrown by validating a tensor, if any.
func failure(tensor bytes: [UInt8], limits: WireLimits = WireLimits()) -> WireError? {
  do throws(WireError) {
    _ = try EncodedTensor(validating: bytes, limits: limits)
    return nil
  } catch {
    return error
  }
}
