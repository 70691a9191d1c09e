import Numerics
import Testing

@Suite struct MatrixTests {
  typealias Shape = ProductShape

  static let shapes = [
    Shape(m: 1, k: 1, n: 1), Shape(m: 3, k: 5, n: 31), Shape(m: 12, k: 28, n: 32),
    Shape(m: 13, k: 33, n: 33), Shape(m: 25, k: 156, n: 48), Shape(m: 31, k: 7, n: 100),
    Shape(m: 50, k: 321, n: 10), Shape(m: 100, k: 156, n: 65), Shape(m: 4, k: 0, n: 5),
    Shape(m: 0, k: 4, n: 5),
  ]

  @Test(arguments: shapes, KernelVariant.supported)
  func productAgreesWithDoublePrecision(shape: Shape, variant: KernelVariant) {
    let (a, b) = (noise(shape.m * shape.k), noise(shape.k * shape.n, stream: 1))
    let bias = noise(shape.n, stream: 2)
    let ours = multiplied(Kernels(variant), shape, a: a, b: b, bias: bias)
    let start = (0..<shape.m).flatMap { _ in bias }
    let exact = product(a, b, start: start, m: shape.m, k: shape.k, n: shape.n)
    #expect(distance(ours, exact) < 2e-6 * Double(shape.k + 1).squareRoot())
    #expect(ours.bits == multiplied(Kernels(), shape, a: a, b: b, bias: bias).bits)
  }

  @Test(arguments: shapes)
  func theBitsOfARowDoNotDependOnOtherRows(shape: Shape) {
    let (a, b) = (noise(shape.m * shape.k), noise(shape.k * shape.n, stream: 1))
    let bias = noise(shape.n, stream: 2)
    let together = multiplied(Kernels(), shape, a: a, b: b, bias: bias)
    for row in 0..<shape.m {
      let alone = multiplied(
        Kernels(), Shape(m: 1, k: shape.k, n: shape.n),
        a: Array(a[row * shape.k..<(row + 1) * shape.k]), b: b, bias: bias)
      #expect(alone.bits == together[row * shape.n..<(row + 1) * shape.n].map(\.bitPattern))
    }
  }

  @Test(arguments: KernelVariant.supported)
  func anElementIsOneChainOfFusedMultiplyAdds(variant: KernelVariant) {
    let shape = Shape(m: 2, k: 700, n: 3)
    let (a, b) = (noise(shape.m * shape.k), noise(shape.k * shape.n, stream: 1))
    let ours = multiplied(Kernels(variant), shape, a: a, b: b, bias: [0.5, -1, 2])
    for (place, value) in ours.enumerated() {
      let (row, column) = place.quotientAndRemainder(dividingBy: shape.n)
      var sum: Float = [0.5, -1, 2][column]
      for inner in 0..<shape.k {
        sum.addProduct(a[row * shape.k + inner], b[inner * shape.n + column])
      }
      #expect(value.bitPattern == sum.bitPattern)
    }
  }

  @Test(arguments: KernelVariant.supported)
  func aProductUsesOnlyAsManyRowsAsAHasColumns(variant: KernelVariant) {
    let (m, n) = (14, 70)
    let (a, b) = (noise(m * 9), noise(20 * n, stream: 1))
    let whole = PackedMatrix(rows: 20, columns: n)
    Kernels(variant).pack(b, at: 0, rows: 20, columns: n, into: whole)
    let c = MatrixView(rows: m, columns: n)
    Kernels(variant).multiply(MatrixView(a, rows: m, columns: 9), whole, into: c)
    let expected = multiplied(
      Kernels(), Shape(m: m, k: 9, n: n), a: a, b: Array(b[..<(9 * n)]),
      bias: [Float](repeating: 0, count: n))
    #expect(c.array.bits == expected.bits)
  }

  /// Several groups of panels, and parts of panels and of blocks of rows.
  @Test(arguments: [(35, 37), (1, 300), (300, 1), (16, 32), (17, 257), (257, 33)])
  func packingKeepsEveryElement(rows: Int, columns: Int) {
    let b = noise(5 + rows * columns)
    let packed = PackedMatrix(rows: rows, columns: columns)
    Kernels().pack(b, at: 5, rows: rows, columns: columns, into: packed)
    let identity = MatrixView(rows: rows, columns: rows)
    for i in 0..<rows { identity[i, i] = 1 }
    let c = MatrixView(rows: rows, columns: columns)
    Kernels().multiply(identity, packed, into: c)
    #expect(c.array == Array(b[5...]))
  }

  @Test(arguments: [(35, 37), (300, 1), (1, 300), (32, 16), (257, 17), (33, 257)])
  func transposedPackingGivesTheTranspose(rows: Int, columns: Int) {
    let b = noise(3 + rows * columns)
    let packed = PackedMatrix(rows: columns, columns: rows)
    Kernels().pack(b, at: 3, rows: rows, columns: columns, transposed: true, into: packed)
    let identity = MatrixView(rows: columns, columns: columns)
    for i in 0..<columns { identity[i, i] = 1 }
    let c = MatrixView(rows: columns, columns: rows)
    Kernels().multiply(identity, packed, into: c)
    for row in 0..<rows {
      for column in 0..<columns { #expect(c[column, row] == b[3 + row * columns + column]) }
    }
  }

  @Test func startingFromTheOutputContinuesTheChain() {
    let kernels = Kernels()
    let (a, b) = (noise(5 * 20), noise(20 * 40, stream: 1))
    let whole = MatrixView(rows: 5, columns: 40)
    let halves = MatrixView(rows: 5, columns: 40)
    let left = MatrixView(a, rows: 5, columns: 20)
    let packed = PackedMatrix(rows: 20, columns: 40)
    kernels.pack(b, at: 0, rows: 20, columns: 40, into: packed)
    kernels.multiply(left, packed, into: whole)
    let half = PackedMatrix(rows: 10, columns: 40)
    for first in [0, 10] {
      kernels.pack(b, at: first * 40, rows: 10, columns: 40, into: half)
      let part = MatrixView(left.buffer, offset: first, rows: 5, columns: 10, stride: 20)
      kernels.multiply(part, half, from: first == 0 ? .zero : .output, into: halves)
    }
    #expect(halves.array.bits == whole.array.bits)
  }

  @Test func aProductWritesOnlyToItsOutput() {
    let memory = FloatBuffer(count: 20 * 50)
    memory.fill(7)
    let c = MatrixView(memory, offset: 55, rows: 13, columns: 33, stride: 50)
    let packed = PackedMatrix(rows: 4, columns: 33)
    Kernels().multiply(MatrixView(rows: 13, columns: 4), packed, into: c)
    #expect(memory.array.filter { $0 == 0 }.count == 13 * 33)
    #expect(c.array.allSatisfy { $0 == 0 })
  }
}
