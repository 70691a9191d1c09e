/// Philox4x32-10, the counter-based random number generator of Salmon et al., "Parallel random
/// numbers: as easy as 1, 2, 3" (SC'11): a keyed bijection of 128-bit counters, so any number can
/// be computed without its predecessors.
package struct Philox: Sendable, Hashable {
  /// The key, lower word first.
  package let key: SIMD2<UInt32>

  /// Creates a generator with the given key.
  package init(key: SIMD2<UInt32>) { self.key = key }

  /// Returns the four random words for `counter` (lowest word first).
  package func block(_ counter: SIMD4<UInt32>) -> SIMD4<UInt32> {
    var (words, key) = (counter, key)
    for round in 0..<10 {
      if round > 0 { key &+= SIMD2(0x9E37_79B9, 0xBB67_AE85) }
      let first = UInt64(words.x) * 0xD251_1F53
      let second = UInt64(words.z) * 0xCD9E_8D57
      words = SIMD4(
        UInt32(truncatingIfNeeded: second >> 32) ^ words.y ^ key.x,
        UInt32(truncatingIfNeeded: second),
        UInt32(truncatingIfNeeded: first >> 32) ^ words.w ^ key.y,
        UInt32(truncatingIfNeeded: first))
    }
    return words
  }
}
