import Numerics
import Testing

/// a · b + c is rounded once, also in the plain variant, which has no instruction for it on x86-64.
@Suite struct FusedMultiplyAddTests {
  static let values: [Float] = [
    0, -0.0, 1, -1, 1 + .ulpOfOne, 1 - .ulpOfOne / 2, 0x1p-24, -0x1p-24, 0x1.000002p-24,
    0x1.fffffep-25,
    0x1p-12, 0x1.000002p-12, 0x1.8p-12, 3, 0x1.8p-24, 0x1p-75, -0x1.000002p-76,
    .leastNonzeroMagnitude, 0x1.fffff8p-127, .leastNormalMagnitude, -0x1.000002p-126,
    .greatestFiniteMagnitude, 0x1p104, -0x1p103, .infinity, -.infinity, .nan,
  ]

  @Test(arguments: KernelVariant.supported)
  func roundsOnce(variant: KernelVariant) {
    let kernels = Kernels(variant)
    let count = Self.values.count
    for b in Self.values {
      let packed = PackedMatrix(rows: 1, columns: count)
      kernels.pack(
        [Float](repeating: b, count: count), at: 0, rows: 1, columns: count, into: packed)
      let bias = FloatBuffer(count: count)
      bias.copy(from: Self.values)
      let result = MatrixView(rows: count, columns: count)
      kernels.multiply(
        MatrixView(Self.values, rows: count, columns: 1), packed, from: .bias(bias), into: result)
      for (row, a) in Self.values.enumerated() {
        for (column, c) in Self.values.enumerated() {
          let (ours, exact) = (result[row, column], c.addingProduct(a, b))
          let equal = exact.isNaN ? ours.isNaN : ours.bitPattern == exact.bitPattern
          #expect(equal, "\(a) * \(b) + \(c) = \(exact), not \(ours)")
        }
      }
    }
  }
}
