/// Seeded generator of all random decisions of a schedule; each purpose has its own stream.
///
/// Algorithm: SplitMix64 (Steele, Lea & Flood, "Fast splittable pseudorandom number generators",
/// OOPSLA 2014). It is fast even in builds without optimization.
struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Creates the generator of one stream of a seed.
  init(seed: UInt64, stream: UInt64) {
    state = Self.mixed(seed ^ Self.mixed(stream))
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.finalized(state)
  }

  /// Returns a number in `0..<bound`. The bias is negligible for bounds far below 2³¹.
  mutating func below(_ bound: Int) -> Int { Int(next() >> 33) % bound }

  /// Returns a number in `range`.
  mutating func within(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

  /// Returns true with a probability given in thousandths.
  mutating func chance(perMille: Int) -> Bool { below(1000) < perMille }

  /// Returns a random element of a nonempty list.
  mutating func pick<Value>(_ list: [Value]) -> Value { list[below(list.count)] }

  /// Returns a hash of `value`, in which every bit depends on every bit of `value`.
  static func mixed(_ value: UInt64) -> UInt64 { finalized(value &+ 0x9E37_79B9_7F4A_7C15) }

  private static func finalized(_ value: UInt64) -> UInt64 {
    var z = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
