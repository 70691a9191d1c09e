/// The inputs of the kernels' self-test: floats whose bit patterns are drawn as integers, so that
/// they do not depend on the arithmetic under test.
struct KernelInputs {
  /// The sign and the fraction of a float.
  static let signed: UInt32 = 0x807F_FFFF
  /// The fraction of a float.
  static let positive: UInt32 = 0x007F_FFFF
  /// Sign and twelve bits of the fraction: many products and sums of such floats are midway between
  /// two floats.
  static let short: UInt32 = 0x807F_F800

  /// Biased exponents from 2⁻⁸ to 1.
  static let usual: ClosedRange<UInt32> = 119...127
  /// Biased exponents over 24 decimal orders of magnitude.
  static let wide: ClosedRange<UInt32> = 87...167
  /// Biased exponents next to that of 1.
  static let unit: ClosedRange<UInt32> = 126...128

  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// Returns the upper word of Knuth's linear congruential generator (MMIX).
  mutating func word() -> UInt32 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return UInt32(truncatingIfNeeded: state >> 32)
  }

  /// Returns floats with biased exponents in a range; their other bits are random where `mask` has
  /// ones, and zero elsewhere.
  mutating func floats(
    _ count: Int, _ exponents: ClosedRange<UInt32> = usual, mask: UInt32 = signed
  ) -> [Float] {
    (0..<count).map { _ in
      let exponent = exponents.lowerBound + (word() >> 16) % UInt32(exponents.count)
      return Float(bitPattern: exponent << 23 | word() & mask)
    }
  }

  /// Returns a matrix of such floats.
  mutating func matrix(
    _ rows: Int, _ columns: Int, _ exponents: ClosedRange<UInt32> = usual, mask: UInt32 = signed
  ) -> MatrixView {
    MatrixView(floats(rows * columns, exponents, mask: mask), rows: rows, columns: columns)
  }
}

extension [Float] {
  /// The bit patterns of the elements.
  var words: [UInt32] { map(\.bitPattern) }
}

extension Double {
  /// The two halves of the bit pattern, the upper one first.
  var words: [UInt32] {
    [UInt32(truncatingIfNeeded: bitPattern >> 32), UInt32(truncatingIfNeeded: bitPattern)]
  }
}
