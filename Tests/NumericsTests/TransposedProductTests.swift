import Numerics
import Testing

@Suite struct TransposedProductTests {
  /// The shape of a product over `steps` · `rows` rows of A [m] and B [n], within matrices that
  /// have more rows.
  struct Shape: Sendable, CustomTestStringConvertible {
    let steps, rows, m, n: Int
    var testDescription: String { "\(steps) x \(rows): \(m) x \(n)" }
    var allRows: Int { rows + 3 }
    var columnSumsOffset: Int { 2 + m * n }
    var count: Int { columnSumsOffset + n }

    func slices(_ count: Int) -> [Range<Int>] { evenSlices(count, rows: rows) }
  }

  static let shapes = [
    Shape(steps: 1, rows: 1, m: 1, n: 1), Shape(steps: 2, rows: 3, m: 5, n: 31),
    Shape(steps: 5, rows: 6, m: 13, n: 32), Shape(steps: 28, rows: 13, m: 36, n: 33),
    Shape(steps: 3, rows: 12, m: 31, n: 100), Shape(steps: 1, rows: 25, m: 128, n: 10),
    Shape(steps: 40, rows: 20, m: 3, n: 65), Shape(steps: 2, rows: 7, m: 200, n: 160),
  ]

  struct Operands {
    let a: MatrixSeries
    let b: MatrixSeries

    init(_ shape: Shape, first: Int = 2) {
      let rows = first..<first + shape.rows
      func series(_ columns: Int, stream: UInt64) -> MatrixSeries {
        let buffer = FloatBuffer(count: shape.steps * shape.allRows * columns)
        buffer.copy(from: noise(buffer.count, stream: stream))
        let whole = MatrixView(buffer, rows: shape.allRows, columns: columns)
        return MatrixSeries(whole, steps: shape.steps, distance: shape.allRows * columns).rows(rows)
      }
      a = series(shape.m, stream: 0)
      b = series(shape.n, stream: 1)
    }
  }

  func gradient(_ shape: Shape, _ kernels: Kernels, slices: [Range<Int>]) -> [Float] {
    let operands = Operands(shape)
    var result = noise(shape.count, stream: 2)
    kernels.transposedProduct(
      operands.a, operands.b, slices: slices, into: &result, at: 2,
      columnSumsAt: shape.columnSumsOffset, scratch: Kernels.sliceScratch(slices: slices.count))
    return result
  }

  /// Returns the product of a slice, each element as one chain over (step, row) in ascending order.
  func chains(_ shape: Shape, rows: Range<Int>) -> [Float] {
    let operands = Operands(shape)
    var sums = [Float](repeating: 0, count: shape.count)
    for step in 0..<shape.steps {
      let (a, b) = (operands.a[step].array, operands.b[step].array)
      for row in rows {
        for j in 0..<shape.n {
          let factor = b[row * shape.n + j]
          for i in 0..<shape.m {
            sums[2 + i * shape.n + j].addProduct(a[row * shape.m + i], factor)
          }
          sums[shape.columnSumsOffset + j] += factor
        }
      }
    }
    return sums
  }

  /// Returns the sum of the first half (rounded up) plus the sum of the second half, each computed
  /// in the same way.
  func treeSum(_ parts: ArraySlice<[Float]>) -> [Float] {
    guard parts.count > 1 else { return parts[parts.startIndex] }
    let middle = parts.startIndex + (parts.count + 1) / 2
    return zip(treeSum(parts[..<middle]), treeSum(parts[middle...])).map(+)
  }

  @Test(arguments: shapes, KernelVariant.supported)
  func anElementOfASliceIsOneChainOverStepsAndRows(shape: Shape, variant: KernelVariant) {
    let ours = gradient(shape, Kernels(variant), slices: shape.slices(1))
    let expected = chains(shape, rows: 0..<shape.rows)
    #expect(ours[2...].map(\.bitPattern) == expected[2...].map(\.bitPattern))
    #expect(ours[..<2] == noise(2, stream: 2)[...])
  }

  @Test(arguments: [2, 3, 5, 7, 8, 12], KernelVariant.supported)
  func slicesAreSummedAsABinaryTree(count: Int, variant: KernelVariant) {
    for shape in Self.shapes where shape.rows >= count {
      let slices = shape.slices(count)
      let expected = treeSum(slices.map { chains(shape, rows: $0) }[...])
      let ours = gradient(shape, Kernels(variant), slices: slices)
      #expect(ours[2...].map(\.bitPattern) == expected[2...].map(\.bitPattern))
    }
  }

  /// 40 x 20 rows span several blocks; the blocks of one slice differ in size.
  @Test func slicesMayDifferInSize() {
    let shape = Self.shapes[6]
    let slices = [0..<1, 1..<14, 14..<20]
    let expected = treeSum(slices.map { chains(shape, rows: $0) }[...])
    let ours = gradient(shape, Kernels(), slices: slices)
    #expect(ours[2...].map(\.bitPattern) == expected[2...].map(\.bitPattern))
  }

  @Test func columnSumsAreOptional() {
    let operands = Operands(Self.shapes[1])
    var result = [Float](repeating: 0, count: 5 * 31 + 31)
    Kernels().transposedProduct(
      operands.a, operands.b, slices: [0..<3], into: &result, at: 0,
      scratch: Kernels.sliceScratch(slices: 1))
    #expect(result[..<155].allSatisfy { $0 != 0 })
    #expect(result[155...].allSatisfy { $0 == 0 })
  }

  @Test func scratchMemoryMayBeLargerThanNeeded() {
    let shape = Self.shapes[3]
    let operands = Operands(shape)
    let scratch = Kernels.sliceScratch(slices: 100)
    scratch.fill(.nan)
    var result = noise(shape.count, stream: 2)
    Kernels().transposedProduct(
      operands.a, operands.b, slices: shape.slices(5), into: &result, at: 2,
      columnSumsAt: shape.columnSumsOffset, scratch: scratch)
    #expect(result == gradient(shape, Kernels(), slices: shape.slices(5)))
  }
}
