import Wire

/// Returns the bytes of hexadecimal digits; other characters are ignored.
func bytes(_ hexadecimal: String) -> [UInt8] {
  let digits = hexadecimal.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count - 1, by: 2).map {
    UInt8(digits[$0] * 16 + digits[$0 + 1])
  }
}

/// Returns the hexadecimal digits of bytes.
func hexadecimal(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

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
  frame[..<4] + littleEndian(referenceCRC(frame[8...])) + frame[8...]
}

func littleEndian<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value) -> [UInt8] {
  (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> Value($0 * 8)) }
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

/// SplitMix64 (Steele, Lea and Flood 2014), a generator whose output is the same in every run.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
