/// A source of random numbers that are a pure function of (seed, stream). Every purpose uses a
/// separate stream, and the numbers are the same on every processor.
package struct RandomSource: RandomNumberGenerator, Sendable {
  private let philox: Philox
  private let stream: UInt64
  private var counter: UInt64 = 0
  private var words = SIMD4<UInt32>()
  private var used = 4

  /// Creates a source at the start of one stream of a seed.
  package init(seed: UInt64, stream: UInt64) {
    philox = Philox(key: Self.halves(seed))
    self.stream = stream
  }

  private static func halves(_ value: UInt64) -> SIMD2<UInt32> {
    SIMD2(UInt32(truncatingIfNeeded: value), UInt32(truncatingIfNeeded: value >> 32))
  }

  /// Returns 32 random bits.
  package mutating func next32() -> UInt32 {
    if used == 4 {
      words = philox.block(SIMD4(lowHalf: Self.halves(counter), highHalf: Self.halves(stream)))
      counter &+= 1
      used = 0
    }
    defer { used += 1 }
    return words[used]
  }

  /// Returns 64 random bits, of which the lower word is drawn first.
  package mutating func next() -> UInt64 {
    let low = next32()
    return UInt64(next32()) << 32 | UInt64(low)
  }

  /// Returns a uniform number in [0, 1), a multiple of 2⁻²⁴.
  package mutating func uniform() -> Float { Float(next32() >> 8) * 0x1p-24 }

  /// Returns a uniform number in [0, 1), a multiple of 2⁻⁵³.
  package mutating func uniformDouble() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Returns a uniform integer in 0 ..< n; n must not be 0. (Lemire, "Fast random integer
  /// generation in an interval", 2019.)
  package mutating func below(_ n: UInt32) -> UInt32 {
    precondition(n > 0, "the upper bound must not be 0")
    let rejected = (0 &- n) % n
    while true {
      let product = UInt64(next32()) * UInt64(n)
      if UInt32(truncatingIfNeeded: product) >= rejected { return UInt32(product >> 32) }
    }
  }

  /// Returns a number from N(0, 1), computed by inversion.
  package mutating func normal() -> Double { inverseNormal(openUniform()) }

  /// Returns a number from N(0, 1) truncated to |z| ≤ 2, computed by inversion of a uniform number
  /// in [Φ(−2), Φ(2)].
  package mutating func truncatedNormal() -> Double {
    let tail = 0.022750131948179207
    let z = inverseNormal(tail + (1 - 2 * tail) * openUniform())
    return min(max(z, -2), 2)
  }

  /// Returns a uniform number in (0, 1), the midpoint of one of 2⁵² equal intervals.
  private mutating func openUniform() -> Double { (Double(next() >> 12) + 0.5) * 0x1p-52 }
}
