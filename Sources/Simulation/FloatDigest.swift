internal import Bytes

/// Digest of the bit patterns of numbers, in order.
///
/// Each number is mixed in as one word by SplitMix64, since FNV-1a propagates changes of a word to
/// higher bits only.
struct FloatDigest: Sendable, Hashable {
  private(set) var value = FNV1a().value

  /// Appends numbers.
  mutating func combine(_ numbers: [Float]) {
    for number in numbers { value = SplitMix64.mixed(value ^ UInt64(number.bitPattern)) }
  }
}
