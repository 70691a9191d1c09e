import Tensors
import Testing

@Suite struct TransposedProductTests {
  /// Steps × rows of A [m] and B [n], within matrices that have more rows.
  struct Shape: Sendable, CustomTestStringConvertible {
    let steps, rows, m, n: Int
    var testDescription: String { "\(steps) x \(rows): \(m) x \(n)" }
    var allRows: Int { rows + 3 }
  }

  static let shapes = [
    Shape(steps: 1, rows: 1, m: 1, n: 1), Shape(steps: 2, rows: 3, m: 5, n: 31),
    Shape(steps: 5, rows: 6, m: 13, n: 32), Shape(steps: 28, rows: 13, m: 36, n: 33),
    Shape(steps: 3, rows: 12, m: 31, n: 100), Shape(steps: 1, rows: 25, m: 128, n: 10),
    Shape(steps: 40, rows: 20, m: 3, n: 65),
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

  func gradient(_ shape: Shape, _ kernels: Kernels, from start: [Float]? = nil) -> [Float] {
    let operands = Operands(shape)
    var result = start ?? noise(2 + shape.m * shape.n + shape.n, stream: 2)
    kernels.addTransposedProduct(
      operands.a, operands.b, to: &result, at: 2, columnSumsAt: 2 + shape.m * shape.n)
    return result
  }

  @Test(arguments: shapes, KernelVariant.supported)
  func anElementIsOneChainOverStepsAndRowsAscending(shape: Shape, variant: KernelVariant) {
    let operands = Operands(shape)
    var expected = noise(2 + shape.m * shape.n + shape.n, stream: 2)
    for step in 0..<shape.steps {
      let (a, b) = (operands.a[step].array, operands.b[step].array)
      for row in 0..<shape.rows {
        for j in 0..<shape.n {
          let factor = b[row * shape.n + j]
          for i in 0..<shape.m {
            expected[2 + i * shape.n + j].addProduct(a[row * shape.m + i], factor)
          }
          expected[2 + shape.m * shape.n + j] += factor
        }
      }
    }
    #expect(gradient(shape, Kernels(variant)).bits == expected.bits)
  }

  @Test func withoutRowsNothingIsAdded() {
    let shape = Shape(steps: 3, rows: 0, m: 4, n: 5)
    let start = noise(2 + 4 * 5 + 5)
    #expect(gradient(shape, Kernels(), from: start) == start)
  }

  @Test func columnSumsAreOptional() {
    let operands = Operands(Self.shapes[1])
    var result = [Float](repeating: 0, count: 5 * 31 + 31)
    Kernels().addTransposedProduct(operands.a, operands.b, to: &result, at: 0)
    #expect(result[155...].allSatisfy { $0 == 0 })
  }
}
