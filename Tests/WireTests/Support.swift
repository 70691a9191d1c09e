import Wire

/// Bytes from hexadecimal digits; anything else is passed over.
func bytes(_ hexadecimal: String) -> [UInt8] {
  let digits = hexadecimal.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count - 1, by: 2).map {
    UInt8(digits[$0] * 16 + digits[$0 + 1])
  }
}

/// Hexadecimal digits of bytes.
func hexadecimal(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// CRC32C bit by bit, after RFC 3720, independent of the one under test.
func referenceCRC(_ bytes: ArraySlice<UInt8>) -> UInt32 {
  var crc = ~UInt32(0)
  for byte in bytes {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
  }
  return ~crc
}

/// A frame of at least eight bytes, with the checksum that its bytes have.
func sealed(_ frame: [UInt8]) -> [UInt8] {
  frame[..<4] + littleEndian(referenceCRC(frame[8...])) + frame[8...]
}

func littleEndian<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value) -> [UInt8] {
  (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> Value($0 * 8)) }
}

extension [UInt8] {
  /// The bytes with others in place from an offset on.
  func replacing(at offset: Int, with new: [UInt8]) -> [UInt8] {
    self[..<offset] + new + self[(offset + new.count)...]
  }
}

/// The error that decoding throws.
func failure(_ frames: [[UInt8]], limits: WireLimits = WireLimits()) -> WireError? {
  do throws(WireError) {
    _ = try Message(frames: frames, limits: limits)
    return nil
  } catch {
    return error
  }
}

/// The error that checking a tensor throws.
func failure(tensor bytes: [UInt8], limits: WireLimits = WireLimits()) -> WireError? {
  do throws(WireError) {
    _ = try EncodedTensor(validating: bytes, limits: limits)
    return nil
  } catch {
    return error
  }
}

/// SplitMix64 (Steele, Lea and Flood 2014), so that each run draws the same.
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
