import Numerics
import Testing

/// A scalar reference implementation of products with bfloat16 operands.
enum BFloat16 {
  /// Rounds to nearest, ties to even, subnormal numbers to zero.
  static func round(_ x: Float) -> Float {
    guard !x.isNaN, !x.isInfinite else { return x }
    let bits = x.bitPattern
    let rounded = Float(bitPattern: (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000)
    return flush(x) == 0 ? flush(x) : rounded
  }

  static func flush(_ x: Float) -> Float {
    x.magnitude < .leastNormalMagnitude ? Float(sign: x.sign, exponent: 0, significand: 0) : x
  }

  /// Returns start + the sum of a[k] b[k], adding the odd element of each pair first.
  static func dot(_ a: [Float], _ b: [Float], from start: Float) -> Float {
    var sum = flush(start)
    for even in stride(from: 0, to: a.count, by: 2) {
      if even + 1 < a.count {
        sum = flush(sum.addingProduct(round(a[even + 1]), round(b[even + 1])))
      } else {
        sum += 0
      }
      sum = flush(sum.addingProduct(round(a[even]), round(b[even])))
    }
    return sum
  }
}

@Suite struct PrecisionTests {
  typealias Shape = ProductShape

  static let shapes = [
    Shape(m: 1, k: 1, n: 1), Shape(m: 3, k: 5, n: 31), Shape(m: 13, k: 33, n: 33),
    Shape(m: 25, k: 156, n: 48), Shape(m: 130, k: 7, n: 100), Shape(m: 4, k: 70, n: 65),
  ]

  private func multiply(
    _ kernels: Kernels, _ shape: Shape, a: [Float], b: [Float], bias: [Float]
  ) -> [Float] {
    multiplied(kernels, shape, a: a, b: b, bias: bias, precision: .bfloat16)
  }

  /// With the second scale, most products and many sums are subnormal.
  @Test(arguments: shapes, KernelVariant.supported)
  func anElementIsOneChainOverPairs(shape: Shape, variant: KernelVariant) {
    for scale: Float in [1, 0x1p-63] {
      let a = noise(shape.m * shape.k).map { $0 * scale }
      let b = noise(shape.k * shape.n, stream: 1).map { $0 * scale }
      let bias = noise(shape.n, stream: 2).map { $0 * scale * scale }
      let ours = multiply(Kernels(variant), shape, a: a, b: b, bias: bias)
      for row in 0..<shape.m {
        let rowOfA = Array(a[row * shape.k..<(row + 1) * shape.k])
        for column in 0..<shape.n {
          let columnOfB = (0..<shape.k).map { b[$0 * shape.n + column] }
          let expected = BFloat16.dot(rowOfA, columnOfB, from: bias[column])
          #expect(ours[row * shape.n + column].bitPattern == expected.bitPattern)
        }
      }
    }
  }

  /// With an unbounded exponent, 2⁻¹²⁶ − 2⁻¹⁵⁰ would be a float below the least normal number, so
  /// it is flushed to zero; 2⁻¹²⁶ − 2⁻¹⁵¹ is rounded to 2⁻¹²⁶.
  @Test(arguments: KernelVariant.supported)
  func aSumBelowTheLeastNormalNumberIsZero(variant: KernelVariant) {
    let shape = Shape(m: 1, k: 2, n: 1)
    func sum(_ factor: Float) -> Float {
      multiply(Kernels(variant), shape, a: [0, factor], b: [0, 0x1p-75], bias: [0x1p-126])[0]
    }
    #expect(sum(-0x1p-75) == 0)
    #expect(sum(-0x1p-76) == 0x1p-126)
    #expect(sum(0x1p-75) == 0x1p-126)
  }

  @Test(arguments: KernelVariant.supported)
  func operandsAreRoundedToNearestTiesToEven(variant: KernelVariant) {
    let values: [(Float, Float)] = [
      (0x1.01p0, 0x1p0), (0x1.03p0, 0x1.04p0), (0x1.010002p0, 0x1.02p0), (-0x1.ffp3, -0x1p4),
      (.greatestFiniteMagnitude, .infinity), (-.infinity, -.infinity), (0x1p-127, 0),
    ]
    for (x, rounded) in values {
      let shape = Shape(m: 1, k: 1, n: 1)
      #expect(multiply(Kernels(variant), shape, a: [x], b: [1], bias: [0]) == [rounded])
      #expect(multiply(Kernels(variant), shape, a: [1], b: [x], bias: [0]) == [rounded])
    }
    let shape = Shape(m: 1, k: 2, n: 1)
    #expect(multiply(Kernels(variant), shape, a: [0, .nan], b: [1, 1], bias: [0])[0].isNaN)
  }

  @Test(arguments: shapes)
  func theBitsOfARowDoNotDependOnOtherRows(shape: Shape) {
    let (a, b) = (noise(shape.m * shape.k), noise(shape.k * shape.n, stream: 1))
    let bias = noise(shape.n, stream: 2)
    let together = multiply(Kernels(), shape, a: a, b: b, bias: bias)
    for row in 0..<shape.m {
      let alone = multiply(
        Kernels(), Shape(m: 1, k: shape.k, n: shape.n),
        a: Array(a[row * shape.k..<(row + 1) * shape.k]), b: b, bias: bias)
      #expect(alone.bits == together[row * shape.n..<(row + 1) * shape.n].map(\.bitPattern))
    }
  }

  /// Successive rows of a slice are paired; column sums are not rounded.
  @Test(arguments: [1, 2, 3], KernelVariant.supported)
  func aTransposedProductPairsSuccessiveRowsOfASlice(count: Int, variant: KernelVariant) {
    let (steps, rows, m, n) = (31, 9, 37, 43)
    let buffers = [(m, UInt64(0)), (n, 1)].map { columns, stream in
      let buffer = FloatBuffer(count: steps * rows * columns)
      buffer.copy(from: noise(buffer.count, stream: stream))
      return MatrixSeries(
        MatrixView(buffer, rows: rows, columns: columns), steps: steps, distance: rows * columns)
    }
    let slices = evenSlices(count, rows: rows)
    func product(_ precision: Precision) -> [Float] {
      var result = [Float](repeating: 0, count: m * n + n)
      Kernels(variant).transposedProduct(
        buffers[0], buffers[1], precision: precision, slices: slices, into: &result, at: 0,
        columnSumsAt: m * n, scratch: Kernels.sliceScratch(slices: count))
      return result
    }
    func column(_ matrix: Int, _ place: Int, _ slice: Range<Int>) -> [Float] {
      (0..<steps).flatMap { step in slice.map { buffers[matrix][step][$0, place] } }
    }
    let ours = product(.bfloat16)
    for (i, j) in [(0, 0), (36, 42), (17, 32), (36, 5), (31, 31)] {
      let sums = slices.map { BFloat16.dot(column(0, i, $0), column(1, j, $0), from: 0) }
      let expected = count == 3 ? sums[0] + sums[1] + sums[2] : sums.reduce(0, +)
      #expect(ours[i * n + j].bitPattern == expected.bitPattern)
    }
    #expect(ours[(m * n)...] == product(.float32)[(m * n)...])
  }
}
