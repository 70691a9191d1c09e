/// Everything random of a schedule: SplitMix64 (Steele, Lea & Flood, "Fast splittable pseudorandom
/// number generators", OOPSLA 2014), which is quick in builds without optimisation, too. Every
/// purpose takes a stream of its own.
struct Dice: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// The throws of one stream of a seed, from their beginning.
  init(seed: UInt64, stream: UInt64) {
    state = Self.mixed(seed ^ Self.mixed(stream))
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.finalised(state)
  }

  /// A number in 0 ..< bound; the bounds here are so small that nobody sees the bias.
  mutating func below(_ bound: Int) -> Int { Int(next() >> 33) % bound }

  /// A number in a range.
  mutating func within(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

  /// True so many times in a thousand.
  mutating func chance(perMille: Int) -> Bool { below(1000) < perMille }

  /// One of a list that is not empty.
  mutating func pick<Value>(_ list: [Value]) -> Value { list[below(list.count)] }

  /// A number in which every bit depends on every bit of `value`.
  static func mixed(_ value: UInt64) -> UInt64 { finalised(value &+ 0x9E37_79B9_7F4A_7C15) }

  private static func finalised(_ value: UInt64) -> UInt64 {
    var z = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// FNV-1a over 64 bits.
struct Digest: Sendable, Hashable {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
  }

  /// Adds the bits of numbers, word by word: mixed, as FNV alone spreads bits upwards only.
  mutating func add(_ numbers: [Float]) {
    for number in numbers { value = Dice.mixed(value ^ UInt64(number.bitPattern)) }
  }
}
