import Numerics
import Testing

/// The shape of a product of [m, k] and [k, n].
struct ProductShape: Sendable, CustomTestStringConvertible {
  let m, k, n: Int
  var testDescription: String { "\(m) x \(k) x \(n)" }
}

/// Divides rows into slices whose sizes differ by at most one.
func evenSlices(_ count: Int, rows: Int) -> [Range<Int>] {
  (0..<count).map { rows * $0 / count..<rows * ($0 + 1) / count }
}

/// Returns a · b + bias, [m, n], computed by the kernels under test.
func multiplied(
  _ kernels: Kernels, _ shape: ProductShape, a: [Float], b: [Float], bias: [Float],
  precision: Precision = .float32
) -> [Float] {
  let packed = PackedMatrix(rows: shape.k, columns: shape.n, precision: precision)
  kernels.pack(b, at: 0, rows: shape.k, columns: shape.n, into: packed)
  let start = FloatBuffer(count: shape.n)
  start.copy(from: bias)
  let c = MatrixView(rows: shape.m, columns: shape.n)
  kernels.multiply(
    MatrixView(a, rows: shape.m, columns: shape.k), packed, from: .bias(start), into: c)
  return c.array
}
